// Renders the table of allowed operations for the documentation. The table comes from the data that
// the routes check, so both always agree.
import { Operation, type Direction, type PhaseOperation } from '../core/operations.ts';
import type { ScenarioDriver } from './driver.ts';
import { enablingDrivers } from './drivers.ts';
import { VmState } from './lifecycle.ts';

const STATES = Object.values(VmState);

/**
 * Returns Markdown: a row for each operation on a replicated VM, a column for each state, and the
 * effect.
 */
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

/** Returns the effect of the operation's last phase. */
function effectCell({ phases, effects }: ScenarioDriver, operation: Operation): string {
  const last = operation in phases ? phases[operation as keyof typeof phases].at(-1) : undefined;
  const effect = effects[last ?? (operation as PhaseOperation)];
  if (effect === undefined || effect === 'gone') return effect ?? '';
  return `${effect.state}${effect.reversesDirection ? ', the other direction' : ''}`;
}
