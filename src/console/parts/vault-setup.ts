export interface VaultSetupGiven {
  /** This console, as the issuer of federated tokens. */
  readonly issuer: string
  readonly authPath: string
  readonly role: string
  readonly audience: string
  /** The context whose runs may log in. */
  readonly contextId: string
  readonly address?: string
  readonly namespace?: string | null
}

/** A word of a POSIX shell: nothing in it is expanded. */
const word = (text: string) =>
  /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/**
 * What an administrator of Vault or OpenBao runs once, so that runs of a context may read: the JWT method trusts this
 * console's keys, and a role takes only tokens that are made for it and name the context by its id.
 */
export function vaultSetup(given: VaultSetupGiven): string {
  const { issuer, authPath, role, audience, contextId, address, namespace } = given
  const policy = `${role.replaceAll(/[^\w-]/g, '-')}-read`
  const bound = {
    role_type: 'jwt',
    user_claim: 'context_id',
    bound_audiences: [audience],
    bound_claims: { context_id: [contextId] },
    token_policies: [policy],
    token_ttl: '60s',
    token_max_ttl: '60s',
    token_type: 'service',
  }
  return `${address ? `export VAULT_ADDR=${word(address)}\n` : ''}${
    namespace ? `export VAULT_NAMESPACE=${word(namespace)}\n` : ''
  }vault auth enable -path=${authPath} jwt
vault write auth/${authPath}/config \\
  oidc_discovery_url=${word(issuer)} \\
  bound_issuer=${word(issuer)}

vault policy write ${policy} - <<'EOF'
path "secret/data/sallyport/*" {
  capabilities = ["read"]
}
EOF

vault write ${word(`auth/${authPath}/role/${role}`)} - <<'EOF'
${JSON.stringify(bound, null, 2)}
EOF
`
}
