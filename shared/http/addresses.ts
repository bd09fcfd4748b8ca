// The methods that each address of the API takes. The host passes on a request that no route takes,
// and the answer to such a request names the possible methods.
import { OPEN_ROUTES, ROUTE_ROLES, SIGNED_ROUTES } from '../access/roles.ts';

const ROUTES = [...Object.keys(ROUTE_ROLES), ...OPEN_ROUTES, ...SIGNED_ROUTES].map((route) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, segments: path.split('/') };
});

/** The methods of a route. A route that answers GET also answers HEAD, as probes ask with HEAD. */
export const methodsOfRoute = (method: string): readonly string[] =>
  method === 'GET' ? ['GET', 'HEAD'] : [method];

/** The methods of an address, or none for an unknown address. The host ignores case and a last slash. */
export function methodsAt(path: string): readonly string[] {
  const segments = path
    .replace(/(.)\/$/, '$1')
    .toLowerCase()
    .split('/');
  const methods = ROUTES.filter(
    (route) =>
      route.segments.length === segments.length &&
      route.segments.every((segment, at) =>
        segment.startsWith('{') ? segments[at] !== '' : segment === segments[at],
      ),
  ).flatMap(({ method }) => methodsOfRoute(method));
  return methods.length === 0 ? [] : [...new Set([...methods, 'OPTIONS'])].sort();
}
