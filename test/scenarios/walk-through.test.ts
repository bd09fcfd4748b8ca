// The lines of docs/walk-through.md, one after the other as a new user pastes them.
import { pasteLine, readDocumentedLines } from '../support/documented-lines.ts';
import type { Job } from '../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['web']);
});
afterAll(() => environment.simulator.stop());

// Also covers [OP-3] [OP-4] [OP-5].
test('every line does as it says [TRG-1] [OP-1] [OP-2]', async () => {
  const ended: [string, string][] = [];
  let VM = '';
  for (const line of readDocumentedLines('docs/walk-through.md')) {
    const { status, body: answer } = await pasteLine(environment.simulator, line, { VM });
    const body = answer as Job;
    expect({ path: line.path, taken: [200, 201, 202].includes(status), body }).toMatchObject({
      path: line.path,
      taken: true,
    });
    if (status !== 202) continue;
    const job = await environment.lifeboat.waitForJobEnd(body.id);
    ended.push([job.operation, job.state]);
    VM = (await environment.lifeboat.listReplications()).find(({ name }) => name === 'web-zone-1')?.id ?? VM;
  }
  expect(ended).toEqual(
    ['enableReplication', 'testFailover', 'failover', 'commit', 'reprotect', 'failback'].map((operation) => [
      operation,
      'completed',
    ]),
  );
  expect((await environment.lifeboat.listReplications()).find(({ id }) => id === VM)).toMatchObject({
    state: 'protected',
    direction: 'original',
  });
});
