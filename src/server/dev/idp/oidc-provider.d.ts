// oidc-provider 9 ships no types; these are the parts that the evaluation identity provider uses.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface Grant {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }
  interface Code {
    readonly authTime?: number
    readonly acr?: string
    readonly amr?: string[]
    readonly sessionUid?: string
    readonly accountId?: string
    readonly remainingTTL: number
  }
  export interface Context {
    body?: unknown
    type: string
    res: ServerResponse
    oidc: {
      readonly params?: Readonly<Record<string, string | undefined>>
      readonly prompts: ReadonlySet<string>
      readonly acr?: string
      readonly result?: { login?: unknown; consent?: { grantId?: string } }
      readonly client?: { readonly clientId: string }
      readonly session?: {
        readonly accountId?: string
        grantIdFor(clientId: string): string | undefined
      }
      readonly entities: {
        readonly AuthorizationCode?: Code
        readonly RefreshToken?: Code
        readonly RotatedRefreshToken?: Code
        readonly IdTokenHint?: unknown
      }
    }
  }
  export interface Adapter {
    upsert(id: string, payload: Record<string, unknown>, expiresIn?: number): Promise<void>
    find(id: string): Promise<Record<string, unknown> | undefined>
    findByUserCode(code: string): Promise<Record<string, unknown> | undefined>
    findByUid(uid: string): Promise<Record<string, unknown> | undefined>
    destroy(id: string): Promise<void>
    consume(id: string): Promise<void>
    revokeByGrantId(grantId: string): Promise<void>
  }
  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>)
    Grant: {
      new (of: { clientId: string; accountId: string }): Grant
      find(id: string): Promise<Grant | undefined>
    }
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{
      uid: string
      params: Record<string, string | undefined>
      session?: { accountId: string }
    }>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Record<string, unknown>,
      options: { mergeWithLastSubmission: boolean },
    ): Promise<void>
    on(event: string, listener: (context: Context, error: Error) => void): void
  }
  export default Provider
  export namespace interactionPolicy {
    class Check {
      readonly reason: string
      constructor(
        reason: string,
        description: string,
        error: string,
        check: (context: Context) => boolean,
      )
    }
    interface Prompt {
      checks: { add(check: Check): void }
    }
    function base(): { get(name: string): Prompt; remove(name: string): void }
  }
  export namespace errors {
    class InvalidTarget extends Error {}
  }
}
