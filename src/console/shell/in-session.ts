import { ApiError, problemFrom } from '../api/problem.ts'
import { authorizedFetch } from '../auth/authorized-fetch.ts'

let beginning: Promise<void> | undefined

async function begin(): Promise<void> {
  const answer = await authorizedFetch('/api/v1/sessions', { method: 'POST' })
  if (!answer.ok) throw new ApiError(await problemFrom(answer))
}

/**
 * The first requests of a sign-in begin its session at the API, whichever they are: who follows a link from a job's log
 * lands on a page that asks for its object at once. A reload goes on with the session that is there.
 */
export async function fetchInSession(path: string, init: RequestInit): Promise<Response> {
  const answer = await authorizedFetch(path, init)
  if (answer.status !== 401) return answer
  const { code } = await problemFrom(answer.clone())
  if (code !== 'session_required') return answer
  beginning ??= begin().finally(() => {
    beginning = undefined
  })
  await beginning
  return authorizedFetch(path, init)
}
