import {
  permissionGroups,
  type PermissionNoun,
  type Permission,
} from '../../contract/permission-groups.ts'
import classes from './PermissionList.module.css'

/** Permissions grouped by noun, each with what it lets one do. */
export function PermissionList({ permissions }: { permissions: readonly Permission[] }) {
  const held = new Set<string>(permissions)
  const groups = (Object.keys(permissionGroups) as PermissionNoun[]).flatMap((noun) => {
    const group = permissionGroups[noun]
    const verbs = Object.entries(group.verbs).filter(([verb]) => held.has(`${noun}:${verb}`))
    return verbs.length > 0 ? [{ noun, title: group.title, verbs }] : []
  })
  return (
    <div className={classes.list}>
      {groups.map((group) => (
        <section key={group.noun} aria-label={group.title}>
          <h3>{group.title}</h3>
          <dl>
            {group.verbs.map(([verb, says]) => (
              <div key={verb}>
                <dt className="sp-mono">{`${group.noun}:${verb}`}</dt>
                <dd>{says}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  )
}
