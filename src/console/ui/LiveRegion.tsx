import { useEffect, useState } from 'react'
import { onAnnounce } from './announce.ts'

/** The console's one polite live region; it stands in the shell and speaks what `announce` is given. */
export function LiveRegion() {
  const [sentence, setSentence] = useState('')
  useEffect(() => onAnnounce(setSentence), [])
  return (
    <div role="status" aria-live="polite" aria-atomic="true" className="sp-hidden">
      {sentence}
    </div>
  )
}
