import { z } from 'zod'
import { permissionGroups, type Permission as One } from './permission-groups.ts'

/** Every permission in the order of the matrix. */
export const permissions = Object.entries(permissionGroups).flatMap(([noun, group]) =>
  Object.keys(group.verbs).map((verb) => `${noun}:${verb}` as One),
)

export const Permission = z.enum(permissions as [One, ...One[]])

export type Permission = One
