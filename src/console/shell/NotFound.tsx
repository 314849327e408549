import { data } from 'react-router'

/** Any address that is no page: its loader answers 404, which `RouteError` tells. */
export function loader(): never {
  // oxlint-disable-next-line typescript/only-throw-error -- react-router's documented way to answer a status
  throw data(null, { status: 404 })
}

export function Component() {
  return null
}
