import { MultiSelect } from '@mantine/core'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { PickSeveral } from '../../parts/PickSeveral.tsx'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { field, Form } from '../../ui/Form.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'

type Team = OutputOf<'teams.view'>

const sameSet = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((id) => other.includes(id))

/** The form stands below what the team is: whoever was sent to it sees it at once. */
const intoView = (note: HTMLElement | null) => note?.scrollIntoView({ block: 'center' })

/** Description, members and leads; members that the identity provider manages cannot be taken out here. */
export function TeamMembersForm({ team: loaded }: { readonly team: Team }) {
  // What the person looked at when they began: its version is the one that saving expects.
  const [team, setTeam] = useState(loaded)
  const present = team.people.map(({ person }) => person)
  const known = present.map(({ id }) => id)
  const leading = team.people.filter(({ lead }) => lead).map(({ person }) => person.id)
  const [description, setDescription] = useState(team.description)
  const [chosen, setChosen] = useState(present)
  const members = chosen.map(({ id }) => id)
  const [leads, setLeads] = useState(leading)
  const [params] = useSearchParams()
  // A finding's fix leads here with who is likely to lead it.
  useAskedOfPage(params.get('lead'), true, (id) => {
    if (leading.length === 0 && known.includes(id)) setLeads([id])
  })
  // Another with who is to go: here, where they are not a member because the identity provider says so.
  const out = team.people.find(({ person }) => person.id === params.get('out'))
  const outside = out?.source === 'idp' ? out.person : undefined
  useAskedOfPage(params.get('out'), true, (id) => {
    if (!outside) setChosen(present.filter((each) => each.id !== id))
  })
  const change = useChange('teams.update')
  const errors = formErrors(change.error)
  const remains = leads.filter((id) => members.includes(id))
  const same =
    description === team.description && sameSet(members, known) && sameSet(remains, leading)
  const save = () =>
    change.mutate(
      {
        input: {
          teamId: team.id,
          description,
          leads: remains,
          add: members.filter((id) => !known.includes(id)),
          remove: known.filter((id) => !members.includes(id)),
        },
        version: team.version,
      },
      {
        onSuccess: (saved) => {
          setTeam(saved)
          toast(`Team ${saved.name} is saved.`)
        },
      },
    )
  return (
    <Form
      submit="Save team"
      onSubmit={save}
      busy={change.isPending}
      errors={errors}
      blocked={
        team.allowed.includes('team:update')
          ? same
            ? 'Nothing is changed.'
            : undefined
          : 'You need the permission team:update here.'
      }
      impact={
        !sameSet(members, known) && (
          <p>Whoever joins holds what the team was granted from then on; whoever goes, no more.</p>
        )
      }
    >
      {out && (
        <p role="note" ref={intoView}>
          {outside ? (
            <>
              {outside.name} is a member because the identity provider says so: take them out of{' '}
              {team.idpGroup ? <code>{team.idpGroup}</code> : 'its group'} there.
            </>
          ) : (
            `${out.person.name} is no member any more once the team is saved.`
          )}
        </p>
      )}
      <ProseField
        {...field('description', errors)}
        label="Description"
        minRows={2}
        value={description}
        onChange={setDescription}
      />
      <PickSeveral
        kind="person"
        {...field('add', errors)}
        label="Members"
        description="Those that the identity provider manages follow its group."
        value={chosen}
        onChange={setChosen}
      />
      <MultiSelect
        {...field('leads', errors)}
        label="Leads"
        searchable
        data={chosen.map(({ id, name }) => ({ value: id, label: name }))}
        value={remains}
        onChange={setLeads}
      />
    </Form>
  )
}
