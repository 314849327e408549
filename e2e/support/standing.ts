import { apiAs } from './api.ts'
import type { Server } from './server.ts'

/** Somebody who was granted Team lead without an end. */
export async function openStanding(server: Server, name: string) {
  const ada = await apiAs(server, 'ada')
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@meridian.example`
  await ada('POST', '/people/import', { csv: `email,name\n${email},${name}\n` })
  const people = (await ada('GET', `/people?search=${encodeURIComponent(name)}`)) as {
    items: { id: string }[]
  }
  await ada('POST', '/grants', {
    roleId: '00000000-0000-7000-8000-000000000002',
    subject: { kind: 'person', id: people.items[0]?.id ?? '' },
    scope: { kind: 'organization' },
    reason: 'Leads for now',
  })
}
