// Scenarios that Lifeboat can only read.
import type { Mutant } from '../mutant.ts';

const NOT_YET = 'test/shared/scenarios/readOnlyScenario.test.ts';

export const scenarios: readonly Mutant[] = [
  {
    id: 'items of a scenario without capabilities are taken in',
    file: 'shared/scenarios/drivers.ts',
    find: 'return driver?.capabilities ? driver.readItem(raw) : undefined;',
    replace: 'return driver?.readItem(raw);',
    reason: 'VMs would stand in the registry that no operation and no answer knows.',
    test: { file: NOT_YET, name: 'hide no other items of their vault' },
  },
  {
    id: 'a command on a scenario without capabilities is accepted',
    file: 'shared/jobs/scenarioChecks.ts',
    find: "=== 'ScenarioNotPossibleYet'",
    replace: "=== 'OperationNotAllowed'",
    reason: 'A caller would be told of a moment, or get a job, where the scenario itself is not possible.',
    test: { file: NOT_YET, name: 'is refused with a code, and makes no job' },
  },
  {
    id: 'a step of a scenario without capabilities is begun',
    file: 'shared/attempts/startStep.ts',
    find: '  assertPhaseSupported(step);\n',
    replace: '',
    reason: 'A job of another build would be judged by rules that no write was made for.',
    test: { file: NOT_YET, name: 'ends with the code and sends nothing' },
  },
];
