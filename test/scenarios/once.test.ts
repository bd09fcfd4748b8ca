// A repeated command makes one job, and one write per VM.
import { randomUUID } from 'node:crypto';
import { commandFor } from '../chaos/run-with-kills.ts';
import {
  startTestEnvironment,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../support/test-environment.ts';

let environment: TestEnvironment;

beforeAll(async () => {
  environment = await startTestEnvironment(4, { cosmosRanges: 3 });
});
afterAll(() => environment.simulator.stop());

test('the same command sent twenty times at once makes one job [TRG-1]', async () => {
  const { lifeboat, simulator } = environment;
  const [vm] = environment.vms;
  if (!vm) throw new Error('No VM.');
  const key = randomUUID();
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => lifeboat.send(commandFor('failover', [vm]), key)),
  );
  expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([202]));
  const ids = new Set(replies.map((reply) => reply.body.id));
  expect(ids.size).toBe(1);
  expect((await lifeboat.waitForJobEnd([...ids][0] ?? '')).state).toBe('completed');
  expect(await countSuccessfulWrites(simulator, vm.name, 'unplannedFailover')).toBe(1);
  const again = await lifeboat.send(commandFor('failover', [vm]), key);
  expect({ status: again.status, state: again.body.state }).toEqual({ status: 202, state: 'completed' });
});

test('of twenty commands with different keys on the same VMs one starts, and the others name it [OP-7]', async () => {
  const { lifeboat, simulator } = environment;
  const vms = environment.vms.slice(1);
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => lifeboat.send(commandFor('failover', vms))),
  );
  const jobs = await Promise.all(
    replies.filter((reply) => reply.status === 202).map((reply) => lifeboat.waitForJobEnd(reply.body.id)),
  );
  const [winner, ...second] = jobs.filter((job) => job.state === 'completed');
  expect(second).toEqual([]);
  for (const job of jobs)
    if (job !== winner)
      expect(job).toMatchObject({
        state: 'failed',
        error: { code: expect.stringMatching(/VmHeld|OperationNotAllowed/) as string },
      });
  for (const reply of replies)
    if (reply.status !== 202)
      expect(reply).toMatchObject({
        status: 409,
        body: { code: expect.stringMatching(/VmHeld|OperationNotAllowed/) as string },
      });
  for (const vm of vms) expect(await countSuccessfulWrites(simulator, vm.name, 'unplannedFailover')).toBe(1);
});
