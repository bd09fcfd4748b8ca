// The table of what is allowed when, for people. It is written from the data that doors ask, so the
// two cannot differ.
import { Operation, type Direction, type PhaseOperation } from '../core/operations.ts';
import type { ScenarioDriver } from './driver.ts';
import { enablingDrivers } from './drivers.ts';
import { VmState } from './lifecycle.ts';

const STATES = Object.values(VmState);

/** As Markdown: a row for each operation on a replicated VM, a column for each state, and the effect. */
export const renderLifecycleTable = (): string => enablingDrivers.map(renderScenarioTable).join('\n\n');

const renderScenarioTable = (driver: ScenarioDriver): string =>
  [
    `**${driver.title}**`,
    '',
    `| | ${STATES.join(' | ')} | leads to |`,
    `| --- |${' --- |'.repeat(STATES.length + 1)}`,
    ...listedOperationsOf(driver).map(
      (operation) =>
        `| ${operation} | ${STATES.map((state) => allowedCell(driver, state, operation)).join(' | ')} | ` +
        `${effectCell(driver, operation)} |`,
    ),
  ].join('\n');

const listedOperationsOf = (driver: ScenarioDriver): readonly Operation[] =>
  Object.values(Operation).filter((operation) =>
    STATES.some((state) => allowedCell(driver, state, operation) !== ''),
  );

function allowedCell({ lifecycle }: ScenarioDriver, state: VmState, operation: Operation): string {
  const allowed = (Object.entries(lifecycle[state]) as [Direction, readonly Operation[]][]).flatMap(
    ([direction, operations]) => (operations.includes(operation) ? [direction] : []),
  );
  return allowed.length === 2 ? 'yes' : allowed.join('');
}

/** Of the last of its phases. */
function effectCell({ phases, effects }: ScenarioDriver, operation: Operation): string {
  const last = operation in phases ? phases[operation as keyof typeof phases].at(-1) : undefined;
  const effect = effects[last ?? (operation as PhaseOperation)];
  if (effect === undefined || effect === 'gone') return effect ?? '';
  return `${effect.state}${effect.reversesDirection ? ', the other direction' : ''}`;
}
