import { apiAs } from './api.ts'
import type { Server } from './server.ts'

/** Somebody who has left and still holds a grant: the worst that there is. */
export async function openLeaver(server: Server, name: string) {
  const ada = await apiAs(server, 'ada')
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@meridian.example`
  await ada('POST', '/people/import', { csv: `email,name\n${email},${name}\n` })
  const search = `?search=${encodeURIComponent(name)}`
  const people = (await ada('GET', `/people${search}`)) as { items: { id: string }[] }
  const id = people.items[0]?.id ?? ''
  const grant = (await ada('POST', '/grants', {
    roleId: '00000000-0000-7000-8000-000000000004',
    subject: { kind: 'person', id },
    scope: { kind: 'organization' },
    reason: 'Worked here',
  })) as { id: string }
  await ada('PATCH', `/people/${id}`, { state: 'left' }, { 'if-match': '"1"' })
  return { ada, id, grantId: grant.id }
}
