// The table of what is allowed when, for people. It is written from the data that doors ask, so the
// two cannot differ.
import { LIFECYCLE, Moment } from './lifecycle.ts';
import { Operation, type Direction, type Scenario } from '../core/words.ts';

const NAMES: Record<Scenario, string> = { azureToAzure: 'Azure to Azure' };

/** As Markdown: a row for each operation on a replicated VM, a column for each moment. */
export function lifecycleTable(): string {
  return (Object.keys(LIFECYCLE) as Scenario[])
    .map((scenario) =>
      [
        `**${NAMES[scenario]}**`,
        '',
        `| | ${Object.values(Moment).join(' | ')} |`,
        `| --- |${' --- |'.repeat(Object.values(Moment).length)}`,
        ...operationsOf(scenario).map(
          (operation) =>
            `| ${operation} | ${Object.values(Moment)
              .map((moment) => cell(scenario, moment, operation))
              .join(' | ')} |`,
        ),
      ].join('\n'),
    )
    .join('\n\n');
}

const operationsOf = (scenario: Scenario): readonly Operation[] =>
  Object.values(Operation).filter((operation) =>
    Object.values(Moment).some((moment) => cell(scenario, moment, operation) !== ''),
  );

function cell(scenario: Scenario, moment: Moment, operation: Operation): string {
  const allowed = (
    Object.entries(LIFECYCLE[scenario][moment]) as [Direction, readonly Operation[]][]
  ).flatMap(([direction, operations]) => (operations.includes(operation) ? [direction] : []));
  return allowed.length === 2 ? 'yes' : allowed.join('');
}
