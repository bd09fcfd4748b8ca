// node test/chaos/inprocess/main.ts [--operations failover,commit] [--rounds 2] [--reads] [--at
// REGEXP] [--mutant NAME]
//
// Runs Azure, the host and the app in one process. The app dies at every boundary. Prints a line of
// JSON for each run.
import { parseArgs } from 'node:util';
import { OPERATION_CYCLE } from '../plan-boundaries.ts';
import { MUTANTS } from './mutants.ts';
import { runInProcess } from './run-operations.ts';

const { values } = parseArgs({
  options: {
    operations: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    reads: { type: 'boolean', default: false },
    at: { type: 'string' },
    mutant: { type: 'string' },
  },
});
const round =
  values.operations === undefined
    ? OPERATION_CYCLE
    : values.operations.split(',').map((name) => {
        const known = OPERATION_CYCLE.find((operation) => operation === name);
        if (!known) throw new Error(`"${name}" is no operation of a plan.`);
        return known;
      });
const mutant = values.mutant === undefined ? undefined : MUTANTS[values.mutant];
if (values.mutant !== undefined && !mutant)
  throw new Error(`The mutants are: ${Object.keys(MUTANTS).join(', ')}.`);

await runInProcess(
  {
    operations: Array.from({ length: Number(values.rounds) }, () => round).flat(),
    includeReads: values.reads,
    boundaryPattern: new RegExp(values.at ?? mutant?.killedAt ?? ''),
    mutation: mutant,
  },
  (run) => process.stdout.write(`${JSON.stringify(run)}\n`),
);
process.exit(0);
