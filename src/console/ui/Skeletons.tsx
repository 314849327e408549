import classes from './Skeletons.module.css'

/** Grey lines of the size of what is coming, so that nothing moves when it arrives. Hidden from screen readers. */
export function Skeletons({ lines = 3, height = 16 }: { lines?: number; height?: number }) {
  return (
    <div className={classes.lines} aria-hidden>
      {Array.from({ length: lines }, (_, index) => (
        <div
          key={index}
          className={classes.line}
          style={{ blockSize: height, inlineSize: `${96 - ((index * 17) % 40)}%` }}
        />
      ))}
    </div>
  )
}
