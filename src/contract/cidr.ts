import { z } from 'zod'

const number = /^\d{1,9}$/
const quoted = (given: string) => `“${given.length > 60 ? `${given.slice(0, 60)}…` : given}”`

/** Why four numbers with dots are no address, or their mask is none; what else is wrong with them has no name of its own. */
function whyNotFour(address: string, mask: string): string | undefined {
  const parts = address.split('.')
  if (parts.length !== 4) return 'an IPv4 address has four numbers, with dots between them'
  const large = parts.find((part) => number.test(part) && Number(part) > 255)
  if (large !== undefined) return `${large} is larger than 255`
  const led = parts.find((part) => /^0\d/.test(part))
  if (led !== undefined) return `${led} begins with a zero`
  return Number(mask) > 32 ? `its mask /${mask} is longer than 32 bits` : undefined
}

function whyNot(given: string): string {
  const [address = '', mask, ...more] = given.split('/')
  if (mask === undefined) return 'its mask is missing: one address alone is /32, or /128 in IPv6'
  if (more.length > 0) return 'it has more than one mask'
  if (!number.test(mask)) return 'its mask is no number'
  if (!address.includes(':')) return whyNotFour(address, mask) ?? 'it is no IPv4 address'
  return Number(mask) > 128 ? `its mask /${mask} is longer than 128 bits` : 'it is no IPv6 address'
}

/** A range of addresses in CIDR notation (RFC 4632, RFC 4291 §2.3); what is none is named, with why. */
export const Cidr = z.union([z.cidrv4(), z.cidrv6()], {
  error: ({ input }) =>
    typeof input === 'string'
      ? `${quoted(input)} is no range of addresses: ${whyNot(input)}`
      : 'must be a text, such as 10.20.0.0/16',
})
