// Lifeboat is down. A person sends the requests of the printed page one by one, and the VMs come
// up.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { callAsPortalUser } from '../../support/portal.ts';
import { advanceTime } from '../../support/test-settings.ts';
import { planBody, putPlan } from '../../support/plans.ts';
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';

const RUNBOOK =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/contoso-recovery-services/providers/Microsoft.Automation/automationAccounts/contoso-automation/runbooks/Open-Shop';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['orders-1', 'orders-2', 'web']);
});
afterAll(() => environment.simulator.stop());

interface Printed {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
}
interface Item {
  readonly properties: {
    readonly activeLocation: string;
    readonly allowedOperations: readonly string[];
    readonly providerSpecificDetails: { readonly recoveryFabricObjectId?: string };
  };
}
interface Points {
  readonly value: readonly {
    readonly id: string;
    readonly properties: { readonly recoveryPointTime: string };
  }[];
}

/** A real shell reads each block, so the shell checks the quotes. `az` only reports its arguments. */
function blocksOf(page: string): readonly Printed[] {
  return [...page.matchAll(/^ {2}```sh\n([\s\S]*?)\n {2}```$/gm)].map(([, block = '']) => {
    const given = execFileSync('sh', ['-c', `az() { printf '%s\\0' "$@"; }\n${block}`], { encoding: 'utf8' })
      .split('\0')
      .slice(0, -1);
    const option = (name: string): string | undefined =>
      given.includes(name) ? given[given.indexOf(name) + 1] : undefined;
    expect(given[0]).toBe('rest');
    const url = new URL(option('--url') ?? '');
    expect(url.origin).toBe('https://management.azure.com');
    const body = option('--body');
    return {
      what: /# (.*)/.exec(block)?.[1] ?? '',
      method: (option('--method') ?? '').toUpperCase(),
      path: url.pathname + url.search,
      body: body === undefined ? undefined : (JSON.parse(body) as object),
    };
  });
}

/** Fills in the values that the page asks a person to enter. */
const filled = ({ path, body, ...rest }: Printed, point: string): Printed => ({
  ...rest,
  path: path.replace('NEW-GUID', randomUUID()),
  body: body && (JSON.parse(JSON.stringify(body).replace('RECOVERY-POINT-ID', point)) as object),
});

/** Repeats the request until the condition holds. Time advances by itself. */
const until = <T>(path: string, done: (body: T) => boolean, what: string): Promise<T> =>
  environment.lifeboat.waitFor(async () => {
    const { body } = await callAsPortalUser(environment.simulator, 'GET', path);
    await advanceTime(environment.simulator, 30);
    return body && done(body as T) ? (body as T) : undefined;
  }, what);

async function send(printed: Printed): Promise<number | undefined> {
  const { status, body } = await callAsPortalUser(
    environment.simulator,
    printed.method,
    printed.path,
    printed.body,
  );
  if (status === undefined || (status >= 400 && !printed.what.startsWith('Check whether the native plan')))
    throw new Error(`${printed.what} ${status ?? ''} ${JSON.stringify(body)}`);
  return status;
}

test('the requests of the printed page bring all VMs up and commit them [PLAN-1]', async () => {
  const parameters = { Door: "the shop's", Price: '$5' };
  const rule = [{ kind: 'latestMultiVmConsistent', notOlderThanMinutes: 60 }, { kind: 'latest' }];
  await putPlan(
    environment,
    'shop',
    planBody(environment, [
      { name: 'data', vms: ['orders-1', 'orders-2'], recoveryPoint: rule },
      {
        name: 'front',
        vms: ['web'],
        recoveryPoint: [{ kind: 'latestProcessed' }],
        after: [
          { kind: 'runbook', name: 'Open the doors', runbookId: RUNBOOK, parameters, timeoutMinutes: 30 },
        ],
      },
    ]),
  );
  const answer = await fetch(new URL('/api/v1/plans/shop/runbook', environment.simulator.host.url), {
    headers: { authorization: `Bearer ${await environment.simulator.token('reader')}` },
  });
  const page = await answer.text();
  await environment.simulator.host.kill();

  const blocks = blocksOf(page);
  let point = '';
  let isPlanThere = true;
  let isGroupSent = false;
  for (const printed of blocks) {
    const isOfGroup = printed.what.startsWith('Fail over all members');
    // The person sends one of the alternatives.
    if ((isOfGroup && isGroupSent) || (printed.what.startsWith('Only if it does not exist') && isPlanThere))
      continue;
    // The page asks whether a tier is up, and the person repeats the request until it is.
    if (printed.what.startsWith('Read the state of ')) {
      await until<Item>(
        printed.path,
        ({ properties }) =>
          properties.activeLocation === 'Recovery' && properties.allowedOperations.includes('Commit'),
        printed.what,
      );
      continue;
    }
    if (printed.what.startsWith('Check that the VM of ')) {
      await until<object>(
        printed.path,
        (machine) => JSON.stringify(machine).includes('VM running'),
        printed.what,
      );
      continue;
    }
    const status = await send(filled(printed, point));
    if (printed.what.startsWith('Check whether the native plan')) isPlanThere = status === 200;
    if (printed.what.startsWith('List the recovery points'))
      point =
        ((await callAsPortalUser(environment.simulator, 'GET', printed.path)).body as Points).value.at(-1)
          ?.id ?? '';
    if (printed.what.startsWith('Only if it does not exist'))
      await until<object>(printed.path, () => true, 'the native plan');
    isGroupSent ||= isOfGroup;
  }
  expect([isPlanThere, isGroupSent, point !== '']).toEqual([false, true, true]);
  for (const { armId } of environment.vms) {
    await until<Item>(
      armId,
      ({ properties }) =>
        properties.activeLocation === 'Recovery' &&
        properties.allowedOperations.includes('SwitchProtection') &&
        !properties.allowedOperations.includes('Commit'),
      `the commit of ${armId}`,
    );
  }
  const writes = (await environment.simulator.siteRecovery.writes()).filter(
    ({ operation }) => operation === 'unplannedFailover',
  );
  expect(writes.filter(({ jobState }) => jobState === 'Failed')).toEqual([]);
  // Lifeboat finds the manual work after its restart.
  await environment.simulator.host.start();
  const ownNames = new Set(environment.vms.map(({ name }) => name));
  const isSeen = async () =>
    (await environment.lifeboat.listReplications())
      .filter(({ name }) => ownNames.has(name))
      .every(({ state }) => state === 'committed');
  await environment.lifeboat.waitFor(
    async () => ((await isSeen()) ? true : undefined),
    'the manual work in the registry',
  );
});
