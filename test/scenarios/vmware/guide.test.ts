// The lines of docs/guides/vmware.md, one after the other as a new user pastes them.
import { pasteLine, readDocumentedLines } from '../../support/documented-lines.ts';
import type { Job } from '../../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment([], { environment: 'contoso-vmware' });
});
afterAll(() => environment.simulator.stop());

// The way of the source documents: vault, policy, mapping, enabling with a placement group, failover,
// reprotect, and home again.
test('every line of the guide does as it says [V2A-2] [V2A-3] [V2A-4]', async () => {
  const ended: [string, string][] = [];
  let variables: Readonly<Record<string, string>> = {};
  for (const line of readDocumentedLines('docs/guides/vmware.md')) {
    const answer = await pasteLine(environment.simulator, line, variables);
    const [status, body] = [answer.status, answer.body as Job];
    expect({ path: line.path, taken: [200, 201, 202].includes(status), body }).toMatchObject({
      path: line.path,
      taken: true,
    });
    if (status === 202) {
      const job = await environment.lifeboat.waitForJobEnd(body.id);
      ended.push([job.operation, job.state]);
    }
    const vm = (await environment.lifeboat.listReplications()).find(({ name }) => name === 'cargo-web');
    if (vm) variables = { VM: vm.id };
  }
  expect(ended).toEqual(
    [
      'prepareVault',
      'enableReplication',
      'updateReplication',
      'testFailover',
      'cleanUpTestFailover',
      'failover',
      'commit',
      'reprotect',
      'failback',
      'disableReplication',
    ].map((operation) => [operation, 'completed']),
  );
  const left = (await environment.lifeboat.listReplications()).map(({ name }) => name);
  expect(left).toEqual(['cargo-app']);
  const writes = await environment.simulator.siteRecovery.writes();
  const operations = writes.map(({ operation }) => operation);
  for (const once of ['unplannedFailover', 'plannedFailover', 'testFailover'])
    expect(operations.filter((operation) => operation === once)).toHaveLength(1);
  expect(operations.filter((operation) => operation === 'reProtect')).toHaveLength(2);
});
