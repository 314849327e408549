import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { useMay } from '../../parts/use-may.ts'
import { paths } from '../../paths.ts'
import { signed } from '../../ui/format.ts'
import { Stat } from '../../ui/Stat.tsx'

const week = 7 * 86_400_000

/** The organization's score and how it moved in a week, as far as its days are known; nothing for who may not see it. */
export function ScoreStat({ until }: { readonly until: string }) {
  const may = useMay()('finding:view')
  const score = useQuery({ ...query('scores.view', {}), enabled: may }).data
  if (!score || score.score === null) return null
  const then = score.trend.findLast(({ day }) => Date.parse(day) <= Date.parse(until) - week)
  const moved = then && Math.round((score.score - then.score) * 100) / 100
  return (
    <Stat
      label="Score"
      value={score.score}
      to={paths.risk()}
      note={
        moved === undefined
          ? 'of 100; a week ago is not known'
          : `of 100; ${signed(moved)} in a week`
      }
    />
  )
}
