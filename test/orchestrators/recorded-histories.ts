// Histories of orchestrations from the host, and their replay with the orchestrators of today.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { OrchestrationContext } from 'durable-functions';
import { askOrchestrator } from '../../simulator/host/durable/orchestrator-call.ts';
import { rebuildReplay, type AskOrchestrator } from '../../simulator/host/durable/episode.ts';
import type { EpisodeRow } from '../../simulator/host/durable/store.ts';
import type { AppFunction } from '../../simulator/host/app/functions.ts';
import type { Invoke } from '../../simulator/host/app/invoke.ts';
import { phase } from '../../orchestrators/phase.ts';
import { runJob } from '../../orchestrators/runJob.ts';
import { runPlan } from '../../orchestrators/runPlan.ts';
import { startShard } from '../../orchestrators/startWaves.ts';

export const FOLDER = join(import.meta.dirname, 'histories');

/** One execution of one orchestration. */
export interface RecordedOrchestration {
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  /** JSON text. */
  readonly input: string;
  /** JSON text. Null when the orchestration continued as new, or did not end. */
  readonly output: string | null;
  readonly episodes: readonly EpisodeRow[];
}

export type Orchestrator = (context: OrchestrationContext) => Generator;
const ORCHESTRATORS: Readonly<Record<string, Orchestrator>> = { runJob, phase, runPlan, startShard };

export const readRecordings = (): readonly {
  readonly name: string;
  readonly orchestrations: readonly RecordedOrchestration[];
}[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({
      name: name.replace('.json', ''),
      orchestrations: JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as RecordedOrchestration[],
    }));

type Handler = (trigger: unknown, context: object) => Promise<unknown>;
/** The function that the SDK uses to register an orchestrator. The SDK does not export it. */
const { createOrchestrator } = createRequire(join(FOLDER, 'x.js'))(
  'durable-functions/lib/src/util/testingUtils.js',
) as { createOrchestrator: (orchestrator: Orchestrator) => Handler };

/** The SDK's own replay. `replacement`: an orchestrator outside the product. */
export function makeAsk(
  { id, parent, name, input }: Omit<RecordedOrchestration, 'episodes' | 'output'>,
  replacement?: Orchestrator,
): AskOrchestrator {
  const orchestrator = replacement ?? ORCHESTRATORS[name];
  if (!orchestrator) throw new Error(`The orchestrator ${name} no longer exists.`);
  const handler = createOrchestrator(orchestrator);
  const invoke: Invoke = async ({ inputs: [trigger] }) => {
    const { string } = trigger?.data as { readonly string: string };
    const ignore = () => undefined;
    return {
      result: await handler(JSON.parse(string), { warn: ignore, log: ignore }),
      response: () => Promise.resolve(null),
    };
  };
  const target = { name, triggerName: 'context', clientInputs: [], registered: {} } as unknown as AppFunction;
  return (history) =>
    askOrchestrator(invoke, target, { instanceId: id, parentInstanceId: parent, input, history }, '{}');
}

/** Throws when the orchestrator asks for something else than before, at any point of its history. */
export async function replay(recorded: RecordedOrchestration, replacement?: Orchestrator): Promise<void> {
  const ask = makeAsk(recorded, replacement);
  const { history } = await rebuildReplay(recorded.episodes, ask);
  // A deployment may come at any episode of an orchestration.
  for (let count = 1; count <= recorded.episodes.length; count++) {
    const episodesSoFar = recorded.episodes.slice(0, count);
    const { actions, error } = await ask(episodesSoFar.map(({ events }) => events).join(','));
    const recordedActions = episodesSoFar.at(-1)?.actions;
    if (error !== undefined || actions.length !== recordedActions)
      throw new Error(
        `At episode ${count} the orchestrator asked for ${String(recordedActions)} calls, and now for ` +
          `${actions.length}${error === undefined ? '' : `: ${error}`}.`,
      );
  }
  const { isDone, output } = await ask(history);
  if (recorded.output !== null && (!isDone || output !== recorded.output))
    throw new Error(
      `The orchestration ended with ${recorded.output}, and now ${isDone ? `with ${output}` : 'does not'}.`,
    );
}
