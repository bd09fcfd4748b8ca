// Prints the routes of the built app, as the host finds them. It runs in its own process, because a
// process loads an app only once. It leaves out HEAD, and the function for unknown addresses.
import { join } from 'node:path';
import { loadApp } from '../../simulator/host/app/load-app.ts';

const { functions } = await loadApp(join(import.meta.dirname, '..', '..'), () => undefined);
const routes = functions.flatMap(({ metadata }) =>
  Object.values(metadata.bindings).flatMap((binding) =>
    binding.type === 'httpTrigger' && !String(binding['route']).startsWith('{*')
      ? (binding['methods'] as string[])
          .filter((method) => method !== 'HEAD')
          .map((method) => `${method} /api/${String(binding['route'])}`)
      : [],
  ),
);
process.stdout.write(JSON.stringify(routes));
process.exit(0);
