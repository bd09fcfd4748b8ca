// The lines of docs/guides/hyper-v.md, one after the other as a new user pastes them.
import { pasteLine, readDocumentedLines } from '../../support/documented-lines.ts';
import type { Job } from '../../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['scada'], { environment: 'contoso-hyper-v' });
});
afterAll(() => environment.simulator.stop());

interface Answer extends Job {
  readonly vaults?: readonly { readonly id: string; readonly name: string }[];
  readonly key?: string;
  readonly sites?: readonly {
    readonly machines: readonly { readonly id: string; readonly name: string }[];
  }[];
}

/** The values that the reader of the guide takes from an answer. */
async function exportsOf({ vaults, sites }: Answer): Promise<Readonly<Record<string, string>>> {
  const vault = vaults?.find(({ name }) => name === 'office-vault')?.id;
  const machineNamed = (name: string) => sites?.[0]?.machines.find((machine) => machine.name === name)?.id;
  const vm = (await environment.lifeboat.listReplications()).find(({ name }) => name === 'erp-web')?.id;
  const values = { VAULT: vault, WEB: machineNamed('erp-web'), DB: machineNamed('erp-db'), VM: vm };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

// Also covers [H2A-2] [H2A-3] [H2A-4].
test('every line of the guide does as it says [H2A-1] [H2A-5] [H2A-6]', async () => {
  const ended: [string, string][] = [];
  let variables: Readonly<Record<string, string>> = {};
  for (const line of readDocumentedLines('docs/guides/hyper-v.md')) {
    const { status, body: answer } = await pasteLine(environment.simulator, line, variables);
    const body = answer as Answer;
    expect({ path: line.path, taken: [200, 201, 202].includes(status), body }).toMatchObject({
      path: line.path,
      taken: true,
    });
    if (status === 202) {
      const job = await environment.lifeboat.waitForJobEnd(body.id);
      ended.push([job.operation, job.state]);
    }
    if (body.key !== undefined)
      for (const host of ['office-hv-01', 'office-hv-02', 'office-hv-03'])
        await environment.simulator.siteRecovery.register(host, body.key);
    variables = { ...variables, ...(await exportsOf(body)) };
  }
  expect(Object.keys(variables).sort()).toEqual(['DB', 'VAULT', 'VM', 'WEB']);
  expect(ended).toEqual(
    [
      'prepareVault',
      'enableReplication',
      'updateReplication',
      'testFailover',
      'cleanUpTestFailover',
      'failover',
      'commit',
      'failback',
      'disableReplication',
    ].map((operation) => [operation, 'completed']),
  );
  const left = (await environment.lifeboat.listReplications()).map(({ name }) => name);
  expect(left).toContain('erp-db');
  expect(left).not.toContain('erp-web');
});
