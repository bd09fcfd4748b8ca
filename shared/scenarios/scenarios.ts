// The scenarios Lifeboat drives, each behind the same interface. Another one is another file, and a
// line here.
import type { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import type { At, ScenarioFile, Write } from './operationRule.ts';
import { isOperation, type Phase, type PhaseOperation, type Scenario } from '../core/words.ts';
import { azureToAzure } from './azureToAzure.ts';
import type { WriteRequest } from '../siterecovery/port.ts';
import type { SendOptions } from '../azure/send.ts';

export const scenarios: Record<Scenario, ScenarioFile> = { azureToAzure };

/**
 * The name of the Site Recovery job that a step's write starts; empty for a part of the ground,
 * whose jobs are told apart by their request ids alone.
 */
export const jobScenarioOf = ({
  scenario,
  phase,
}: {
  readonly scenario: Scenario;
  readonly phase: Phase;
}): string => (isOperation(phase) ? scenarios[scenario].rules[phase].jobScenario : '');

/** The same, where the write goes through a plan of Site Recovery. */
export const jobScenarioOfPlan = (of: { readonly scenario: Scenario; readonly phase: Phase }): string =>
  (isOperation(of.phase) ? scenarios[of.scenario].rules[of.phase].jobScenarioOfPlan : undefined) ??
  jobScenarioOf(of);

const scenarioOf = (request: WriteRequest): Scenario =>
  'item' in request ? request.item.scenario : request.scenario;

export function writeOf(
  request: WriteRequest,
  client: SiteRecoveryManagementClient,
  at: At,
  options: SendOptions,
): Promise<unknown> {
  // Each write takes the request of its own operation; that they belong together is more than the
  // compiler can follow through the table.
  const write = scenarios[scenarioOf(request)].writes[request.operation] as Write<PhaseOperation>;
  return write(client, at, request, options);
}
