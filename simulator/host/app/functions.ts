// Sorts the app's functions by trigger. The host refuses unknown triggers and bindings at the start
// and never ignores them.

import { StartError } from '../start-error.ts';
import type { Binding, RegisteredFunction } from './core-api.ts';

/** A registered function with its trigger and bindings, ready to run. */
export interface AppFunction {
  readonly name: string;
  readonly triggerName: string;
  readonly trigger: Binding;
  /** Names of the inputs with a durable client. */
  readonly clientInputs: readonly string[];
  /** The Service Bus outputs, by binding name. */
  readonly messageOutputs: ReadonlyMap<string, Binding>;
  readonly registered: RegisteredFunction;
}

/** All functions of the app by kind of trigger. */
export interface FunctionTable {
  readonly http: readonly AppFunction[];
  readonly timers: readonly AppFunction[];
  readonly serviceBus: readonly AppFunction[];
  readonly orchestrators: ReadonlyMap<string, AppFunction>;
  readonly activities: ReadonlyMap<string, AppFunction>;
  /** This host has no entities. It refuses each call of an entity. */
  readonly entities: ReadonlyMap<string, AppFunction>;
}

const KNOWN_TRIGGERS = [
  'httptrigger',
  'timertrigger',
  'servicebustrigger',
  'orchestrationtrigger',
  'activitytrigger',
  'entitytrigger',
];

export function groupFunctions(registered: readonly RegisteredFunction[]): FunctionTable {
  const functions = registered.map(toAppFunction);
  const triggeredBy = (type: string) =>
    functions.filter(({ trigger }) => trigger.type.toLowerCase() === type);
  const named = (list: AppFunction[]) => new Map(list.map((item) => [item.name, item]));
  return {
    http: triggeredBy('httptrigger'),
    timers: triggeredBy('timertrigger'),
    serviceBus: triggeredBy('servicebustrigger'),
    orchestrators: named(triggeredBy('orchestrationtrigger')),
    activities: named(triggeredBy('activitytrigger')),
    entities: named(triggeredBy('entitytrigger')),
  };
}

export function allFunctions({ http, timers, serviceBus, ...durable }: FunctionTable): AppFunction[] {
  return [
    ...http,
    ...timers,
    ...serviceBus,
    ...Object.values(durable).flatMap((named) => [...named.values()]),
  ];
}

function toAppFunction(registered: RegisteredFunction): AppFunction {
  const { name, bindings } = registered.metadata;
  let found: [string, Binding] | undefined;
  const clientInputs: string[] = [];
  const messageOutputs = new Map<string, Binding>();
  for (const [bindingName, binding] of Object.entries(bindings)) {
    const type = binding.type.toLowerCase();
    if (KNOWN_TRIGGERS.includes(type)) found = [bindingName, binding];
    else if (binding.direction === 'in' && (type === 'durableclient' || type === 'orchestrationclient'))
      clientInputs.push(bindingName);
    else if (binding.direction === 'out' && type === 'servicebus') messageOutputs.set(bindingName, binding);
    else if (type !== 'http' || bindingName !== '$return')
      throw new StartError(`Function "${name}": binding "${binding.type}" is not known to this host.`);
  }
  if (!found) throw new StartError(`Function "${name}" has no trigger.`);
  return { name, triggerName: found[0], trigger: found[1], clientInputs, messageOutputs, registered };
}
