import { z } from 'zod'
import { noun } from './operation.ts'

const SystemVersion = z.strictObject({
  name: z.literal('Sallyport'),
  version: z.string(),
  mode: z.enum(['evaluation', 'production']),
})

export const system = noun({
  version: {
    method: 'GET',
    path: '/version',
    summary: 'What is running here',
    may: 'public',
    returns: SystemVersion,
  },
})
