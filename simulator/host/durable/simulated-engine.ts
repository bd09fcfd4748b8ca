import type { DurableEngine } from '../durable-engine.ts';
import { answerDurable } from './endpoints.ts';
import { Engine, type EngineParts } from './engine.ts';
import { Instances } from './instances.ts';

export function simulatedEngine(parts: EngineParts, taskHub: string): DurableEngine {
  const engine = new Engine(parts);
  const instances = new Instances(engine);
  return {
    answer: (request, path) => answerDurable(instances, taskHub, request, path),
    fact: (name) => (name === 'largest' ? engine.largest.seen : undefined),
    start() {
      engine.start();
      return Promise.resolve();
    },
    stop: () => engine.stop(),
    abandon: () => engine.abandon(),
  };
}
