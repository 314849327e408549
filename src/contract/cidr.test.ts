import { expect, test } from 'vitest'
import { Cidr } from './cidr.ts'

test.each([
  ['300.1.1.1/8', '300 is larger than 255'],
  ['10.1.1/8', 'an IPv4 address has four numbers, with dots between them'],
  ['10.01.1.1/8', '01 begins with a zero'],
  ['10.0.0.0/33', 'its mask /33 is longer than 32 bits'],
  ['10.0.0.0', 'its mask is missing: one address alone is /32, or /128 in IPv6'],
  ['10.0.0.0/8/8', 'it has more than one mask'],
  ['10.0.0.0/eight', 'its mask is no number'],
  ['10.0.0.x/8', 'it is no IPv4 address'],
  ['2001:db8::/129', 'its mask /129 is longer than 128 bits'],
  ['2001:db8:::/32', 'it is no IPv6 address'],
  ['', 'its mask is missing: one address alone is /32, or /128 in IPv6'],
])('“%s” is no range, and why', (given, why) => {
  const { error } = Cidr.safeParse(given)
  expect(error?.issues).toMatchObject([{ message: `“${given}” is no range of addresses: ${why}` }])
})

test.each([
  '10.0.0.0/8',
  '0.0.0.0/0',
  '192.0.2.7/32',
  '2001:db8::/32',
  '::/0',
  '::ffff:172.20.0.0/112',
])('%s is one', (given) => {
  expect(Cidr.safeParse(given).success).toBe(true)
})
