// The scenarios of the demo, by the names that `--scenario` takes.

import { azureToAzure } from './azure-to-azure.ts';
import type { DemoScenario } from './demo-scenario.ts';
import { hyperVToAzure } from './hyper-v-to-azure.ts';
import { vmwareToAzure } from './vmware-to-azure.ts';

const DEMO_SCENARIOS = { azureToAzure, hyperVToAzure, vmwareToAzure } as const satisfies Readonly<
  Record<string, DemoScenario>
>;

/** The scenario of an ordinary demo. */
export const DEFAULT_SCENARIO: keyof typeof DEMO_SCENARIOS = 'azureToAzure';
/** The names of all scenarios. */
export const SCENARIO_NAMES: readonly string[] = Object.keys(DEMO_SCENARIOS);

/** Returns the scenario with this name. */
export function parseScenario(name: string): DemoScenario {
  if (Object.hasOwn(DEMO_SCENARIOS, name)) return DEMO_SCENARIOS[name as keyof typeof DEMO_SCENARIOS];
  throw new Error(`--scenario must be one of ${SCENARIO_NAMES.join(', ')}, not "${name}".`);
}
