import { useNavigate } from 'react-router'
import type { ExportAsked } from '../../contract/exports.ts'
import type { CallOf } from '../../contract/index.ts'
import { useChange } from '../api/client.ts'
import { paths } from '../paths.ts'
import { toast } from '../ui/toasts.ts'

type Asked = CallOf<'exports.create'>['asked']

/** Asks for a file that is made in the background, by the query that a page shows; says where to find it. */
export function useBackgroundExport() {
  const navigate = useNavigate()
  const create = useChange('exports.create')
  return {
    busy: create.isPending,
    ask: (what: ExportAsked['what'], format: ExportAsked['format'], shown: object) => {
      const query = Object.fromEntries(
        Object.entries(shown).filter(
          ([key, value]) => value !== undefined && key !== 'cursor' && key !== 'limit',
        ),
      )
      create.mutate(
        { input: { asked: { what, format, query } as Asked } },
        {
          onSuccess: () =>
            toast('The file is made in the background.', {
              action: { label: 'See exports', run: () => void navigate(paths.exports()) },
            }),
          onError: (error) => toast(error.message, { tone: 'failed' }),
        },
      )
    },
  }
}
