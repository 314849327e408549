/* What is said at the exchange, for the server and for whoever asks it. Imports nothing: the console needs it too. */

/** Token type identifiers of RFC 8693 §3. */
export const tokenType = {
  grant: 'urn:ietf:params:oauth:grant-type:token-exchange',
  idToken: 'urn:ietf:params:oauth:token-type:id_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  lease: 'urn:sallyport:token-type:lease',
} as const

/** Seconds that a lease lives unless the exchange asks for another time. */
export const leaseSeconds = { usual: 300, least: 30, most: 900 } as const

/** How a context is named at the exchange. */
export const contextUrn = (name: string) => `urn:sallyport:context:${encodeURIComponent(name)}`
