declare module 'virtual:call-shapes' {
  import type { CallShape } from '../../contract/call-shapes.ts'

  const shapes: Readonly<Record<string, CallShape>>
  export default shapes
}
