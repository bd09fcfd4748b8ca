// Starting orchestrations of jobs: once for each job. When the durable client fails, the sweep
// starts them.
import type { OrchestrationContext } from '../../functions/orchestrations.ts';
import type { JobDocument } from '../../shared/journal/documents.ts';
import { makeJobDocument } from '../support/job-documents.ts';

const getClient = jest.fn();
const startDelivery = jest.fn();
jest.doMock('durable-functions', () => ({ getClient }));
jest.doMock('../../shared/delivery/relay.ts', () => ({ startDelivery }));
const { isUnknownOrchestration } = jest.requireActual<typeof import('../../functions/orchestrations.ts')>(
  '../../functions/orchestrations.ts',
);
const { startAccepted, startOrchestration, startOrLeaveToSweep } = jest.requireActual<
  typeof import('../../functions/startOrchestration.ts')
>('../../functions/startOrchestration.ts');

const LOST =
  'DurableClient error: Durable Functions extension replied with HTTP 404 response. This ' +
  'usually means we could not find any data associated with the instanceId provided: job-1.';
const GATEWAY =
  'The operation failed with an unexpected status code: 500. Details: "Bad gRPC response. ' +
  'HTTP status code: 404"';

const warnings: string[] = [];
const context = { warn: (message: string) => warnings.push(message) } as unknown as OrchestrationContext;
const job: JobDocument = makeJobDocument('job', '2026-01-01T00:00:00.000Z');

/**
 * A durable client with a successful or a failing start. Afterwards it reports the orchestration in
 * this state.
 */
function clientWith(started: 'started' | Error, state: string | Error = 'Running'): jest.Mock {
  const startNew = jest.fn(() =>
    started instanceof Error ? Promise.reject(started) : Promise.resolve('id'),
  );
  const getStatus = (): Promise<unknown> =>
    state instanceof Error ? Promise.reject(state) : Promise.resolve({ runtimeStatus: state });
  getClient.mockReturnValue({ startNew, getStatus });
  return startNew;
}

beforeEach(() => {
  warnings.length = 0;
});

test('the name of an orchestration contains its job and epoch', async () => {
  const startNew = clientWith('started');
  await startOrchestration(context, 'job', 2);
  expect(startNew.mock.calls).toEqual([
    ['runJob', { instanceId: 'job-2', input: { jobId: 'job', epoch: 2 } }],
  ]);
});

test('a failed start is no error when another trigger started first, and an error when nothing runs', async () => {
  const conflict = new Error('An instance with this id exists.');
  clientWith(conflict, 'Running');
  await expect(startOrchestration(context, 'job', 1)).resolves.toBeUndefined();
  for (const state of ['Completed', 'Failed', new Error(LOST)]) {
    clientWith(conflict, state);
    await expect(startOrchestration(context, 'job', 1)).rejects.toBe(conflict);
  }
});

test('a trigger leaves the job to the sweep when the start fails', async () => {
  clientWith(new Error('The host is away.'), new Error(LOST));
  await startOrLeaveToSweep(context, job);
  expect(warnings).toEqual(['Job job is left to the sweep: Error: The host is away.']);
});

test('a trigger starts an accepted job, and only relays a running or ended job', async () => {
  const startNew = clientWith('started');
  for (const state of ['running', 'completed', 'failed'] as const)
    await startAccepted(context, { ...job, state });
  expect(startNew).not.toHaveBeenCalled();
  await startAccepted(context, { ...job, state: 'accepted' });
  expect(startNew).toHaveBeenCalledTimes(1);
  expect(startDelivery.mock.calls).toEqual([['job'], ['job'], ['job'], ['job']]);
});

test("only the client's own message means an unknown orchestration", () => {
  const messages = [LOST, GATEWAY, 'connect ECONNREFUSED 127.0.0.1:404'];
  expect(messages.map((text) => isUnknownOrchestration(new Error(text)))).toEqual([true, false, false]);
});
