// Many VMs that start together: the number of reads, and the effect of a list on unready VMs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readExchanges } from '../support/arm-trace.ts';
import { advanceTime } from '../support/test-settings.ts';
import { callAsPortalUser } from '../support/portal.ts';
import {
  startTestEnvironment,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../support/test-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'lifeboat-waves-'));
const trace = join(folder, 'trace.ndjson');
let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(9, { trace });
});
afterAll(async () => {
  await environment.simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Call {
  readonly method: string;
  readonly path: string;
}
const calls = (): readonly Call[] => readExchanges<Call>(trace);
const isWrite = ({ method, path }: Call): boolean => method === 'POST' && path.includes('/unplannedFailover');
const isPoll = ({ path }: Call): boolean => path.includes('/replicationJobs?');
const itemIn = ({ method, path }: Call): string | undefined =>
  method === 'GET' ? /\/replicationProtectedItems\/([^/?]+)(\?|$)/.exec(path)?.[1] : undefined;

test('a wave starts from one list, and reads again only a VM that is not ready there [OP-11]', async () => {
  const [busy, ...others] = environment.vms;
  const body = {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      sourceSiteOperations: 'NotRequired',
      providerSpecificDetails: { instanceType: 'A2A' },
    },
  };
  expect(
    (await callAsPortalUser(environment.simulator, 'POST', `${busy?.armId ?? ''}/unplannedFailover`, body))
      .status,
  ).toBe(202);
  // The item shows the change only after a while.
  await advanceTime(environment.simulator, 10);
  const job = await environment.lifeboat.runToEnd({
    operation: 'failover',
    vms: environment.vms.map(({ id }) => id),
    adopt: true,
  });
  expect(job).toMatchObject({ exceptions: [] });
  expect(Object.fromEntries(job.steps.map(({ name, state }) => [name, state]))).toEqual(
    Object.fromEntries(
      environment.vms.map(({ name }) => [name, name === busy?.name ? 'takenOver' : 'succeeded']),
    ),
  );
  const all = calls();
  const untilFirstPoll = all.slice(0, all.findIndex(isPoll));
  expect(untilFirstPoll.flatMap((call) => itemIn(call) ?? [])).toEqual([busy?.name]);
  // This count includes the write of the portal.
  expect(untilFirstPoll.filter(isWrite)).toHaveLength(1 + others.length);
  for (const { name } of environment.vms)
    expect(await countSuccessfulWrites(environment.simulator, name, 'unplannedFailover')).toBe(1);
});
