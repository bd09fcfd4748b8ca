// A VM behind security rules that block Site Recovery. A caller may enable it in spite of the failed
// check: then the agent cannot register, as in Azure.
import { EnablingEnvironment, makeVmId } from '../../support/enabling-environment.ts';
import { callAsPortalUser } from '../../support/portal.ts';

let environment: EnablingEnvironment;
beforeAll(async () => {
  environment = await EnablingEnvironment.start();
});
afterAll(() => environment.stop());

interface ProposedRules {
  readonly securityGroups: readonly {
    readonly securityGroupId: string;
    readonly securityRules: readonly { readonly name: string; readonly properties: object }[];
  }[];
}

const LEDGER = { vms: [makeVmId('ledger-1', 'contoso-ledger')] };
/** Only an Owner may make the vault that is still missing. */
const enable = (request: object) => environment.enable(request, 'owner');

test('a VM behind closed rules fails with allowFailedChecks, and works after the fix [PRE-4] [PRE-5]', async () => {
  expect(await environment.readPreview(LEDGER)).toMatchObject({
    vms: [
      {
        verdict: 'refused',
        refusals: [{ code: 'NotReady', message: expect.stringContaining('PRE-4') as string }],
      },
    ],
  });
  const allowed = { ...LEDGER, allowFailedChecks: ['PRE-4'] };
  const failed = await enable(allowed);
  expect(failed).toMatchObject({
    state: 'failed',
    warnings: [{ code: 'PRE-4' }],
    exceptions: [
      {
        targetName: 'ledger-1',
        state: 'failed',
        code: '151197',
        message: expect.stringContaining('AzureSiteRecovery') as string,
      },
    ],
  });
  const left = await environment.waitForReplication('ledger-1');
  expect(left.state).toBe('enablingFailed');
  expect((await environment.lifeboat.call(`/api/v1/replications/${left.id}`)).body).toMatchObject({
    jobs: [
      {
        operation: 'EnableDr',
        state: 'Failed',
        errors: [{ code: '151197' }],
        tasks: expect.arrayContaining([
          expect.objectContaining({
            name: 'Installing Mobility Service and preparing target',
            state: 'Failed',
          }),
        ]) as object[],
      },
    ],
  });

  const { body } = await environment.lifeboat.call<ProposedRules>('/api/v1/network-rules', {
    method: 'POST',
    body: LEDGER,
  });
  for (const { securityGroupId, securityRules } of body.securityGroups)
    for (const { name, properties } of securityRules) {
      const path = `${securityGroupId}/securityRules/${name}`;
      const { status } = await callAsPortalUser(environment.simulator, 'PUT', path, { properties });
      expect([200, 201]).toContain(status);
    }
  expect(await environment.runJob({ operation: 'disableReplication', vms: [left.id] })).toMatchObject({
    state: 'completed',
  });
  expect(await enable(LEDGER)).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await environment.findReplication('ledger-1')).toMatchObject({ state: 'protected' });
});
