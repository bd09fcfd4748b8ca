// `--faults FILE`: fault rules in YAML, for a bad day that is the same each time.
//
//   rules:
//     - { vm: web, until: 7200, do: { kind: fail, code: '532' } }
//     - { method: POST, path: unplannedFailover, chance: 0.1, seed: 7, do: { kind: cut } }
//     - { vm: web, from: 600, do: { kind: colleague, operation: unplannedFailover } }
//     - { from: 3600, until: 10800, do: { kind: regionDark, region: eastasia } }

import { existsSync, readFileSync } from 'node:fs';

import { parse, YAMLParseError } from 'yaml';
import * as z from 'zod';

import { readFaultRule } from './fault-schema.ts';
import type { FaultAction, FaultPoint, FaultRule } from './fault.ts';
import { createFaults } from './faults.ts';

export class FaultFileError extends Error {
  override readonly name = 'FaultFileError';
}

const fileShape = z.strictObject({ rules: z.array(z.record(z.string(), z.unknown())) });

/** Where a kind of fault belongs when the rule does not say. */
const DEFAULT_POINTS: Partial<Record<FaultAction['kind'], FaultPoint>> = {
  fail: 'operation',
  stick: 'operation',
  warn: 'operation',
  regionDark: 'standing',
  quotaGone: 'standing',
  deallocated: 'standing',
};

/** A colleague whose rule is about requests meets them; any other acts at a moment of the story. */
function defaultPoint(
  kind: FaultAction['kind'] | undefined,
  rule: Readonly<Record<string, unknown>>,
): FaultPoint {
  if (kind === 'colleague')
    return ['method', 'path', 'body'].some((about) => about in rule) ? 'meanwhile' : 'standing';
  return (kind && DEFAULT_POINTS[kind]) ?? 'received';
}

function withDefaults(rule: Readonly<Record<string, unknown>>, index: number): unknown {
  const kind = (rule['do'] as { readonly kind?: FaultAction['kind'] } | null | undefined)?.kind;
  return { id: `rule-${index + 1}`, point: defaultPoint(kind, rule), ...rule };
}

export function readFaultFile(file: string): FaultRule[] {
  const fileError = (what: string): FaultFileError =>
    new FaultFileError(`The faults of ${file} cannot be used:\n${what}`);
  if (!existsSync(file)) throw fileError('  there is no such file');
  const read = fileShape.safeParse(parseYaml(file, fileError));
  if (!read.success) throw fileError(z.prettifyError(read.error));
  return read.data.rules.map((rule, index) => {
    const one = readFaultRule(withDefaults(rule, index));
    if ('wrong' in one) throw fileError(`  rules[${index}]: ${one.wrong}`);
    try {
      createFaults().add(one.rule);
    } catch (error) {
      throw fileError(`  rules[${index}]: ${error instanceof Error ? error.message : String(error)}`);
    }
    return one.rule;
  });
}

function parseYaml(file: string, wrong: (what: string) => FaultFileError): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof YAMLParseError) throw wrong(`  it is no YAML: ${error.message}`);
    throw error;
  }
}
