import { UserManager, type SigninResponse } from 'oidc-client-ts'
import { safeReturnTo } from './return-to.ts'

const ended = 'Nobody was signed in.'

/** Made for every request, so that an identity token answers this sign-in and no other (OpenID Connect Core §3.1.2.1). */
export const newNonce = (): string => crypto.randomUUID()

/**
 * What the library leaves to its user. It reads neither the issuer of an answer (RFC 9207, against mix-up) nor who made
 * an identity token and for whom (OpenID Connect Core §3.1.3.7); both before anything of the answer is kept.
 */
export class CheckedAnswers extends UserManager {
  /** Where the sign-in that this address answers was begun, by what this tab kept of it. */
  async leftAt(url = window.location.href): Promise<string> {
    const { state } = await this._client.readSigninResponseState(url)
    const kept: unknown = state.data
    return safeReturnTo(
      typeof kept === 'object' && kept !== null ? Reflect.get(kept, 'returnTo') : undefined,
    )
  }

  protected override async _signinEnd(url: string, verifySub?: string) {
    // What was never asked for is told as that, whoever sent it.
    await this._client.readSigninResponseState(url)
    const { metadata = {} } = this.settings
    const issuer = new URL(url, window.location.origin).searchParams.get('iss')
    const announced = Reflect.get(metadata, 'authorization_response_iss_parameter_supported')
    if (issuer === null ? announced === true : issuer !== metadata.issuer) {
      throw new Error(`The answer came from another identity provider. ${ended}`)
    }
    return super._signinEnd(url, verifySub)
  }

  protected override async _buildUser(answer: SigninResponse, verifySub?: string) {
    const { iss, aud, exp } = answer.profile
    const { metadata, client_id: client } = this.settings
    const [audience, ...others] = [aud].flat()
    const fresh = typeof exp === 'number' && exp > Date.now() / 1000 - 30
    if (iss !== metadata?.issuer || audience !== client || others.length > 0 || !fresh) {
      throw new Error(`The identity token is not meant for this console. ${ended}`)
    }
    return super._buildUser(answer, verifySub)
  }
}

/** A failed sign-in in a sentence: the library's words are for programmers. */
export function faultSentence(error: unknown): string {
  if (!(error instanceof Error)) return `The sign-in did not succeed: ${String(error)}`
  const { name, message } = error
  if (name === 'ErrorResponse') return `The identity provider refused: ${message}. ${ended}`
  if (error instanceof TypeError) {
    return 'The identity provider could not be reached. Check the connection and try again.'
  }
  if (/^(No( matching)? state|State does not match|No window.opener)/.test(message)) {
    return `This address answers no sign-in that was begun in this tab, or one that is over. ${ended}`
  }
  if (message.startsWith('nonce ')) return `The identity token answers another sign-in. ${ended}`
  return message
}
