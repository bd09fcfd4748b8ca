// `--faults FILE`: reads fault rules in YAML, so that every run has the same failures. An example:
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

/** The fault file is missing or contains an invalid rule. */
export class FaultFileError extends Error {
  override readonly name = 'FaultFileError';
}

const fileShape = z.strictObject({ rules: z.array(z.record(z.string(), z.unknown())) });

/** The default point of each kind of fault, for a rule without `point`. */
const DEFAULT_POINTS: Partial<Record<FaultAction['kind'], FaultPoint>> = {
  fail: 'operation',
  stick: 'operation',
  warn: 'operation',
  regionDark: 'standing',
  quotaGone: 'standing',
  deallocated: 'standing',
};

/**
 * A colleague rule with a request filter acts when a request matches. Without a filter it acts at a
 * simulated time.
 */
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

/** Reads the fault rules of a YAML file. Throws FaultFileError when a rule cannot work. */
export function readFaultFile(file: string): FaultRule[] {
  const fileError = (problem: string): FaultFileError =>
    new FaultFileError(`The faults of ${file} cannot be used:\n${problem}`);
  if (!existsSync(file)) throw fileError('  there is no such file');
  const read = fileShape.safeParse(parseYaml(file, fileError));
  if (!read.success) throw fileError(z.prettifyError(read.error));
  return read.data.rules.map((rule, index) => {
    const result = readFaultRule(withDefaults(rule, index));
    if ('wrong' in result) throw fileError(`  rules[${index}]: ${result.wrong}`);
    try {
      createFaults().add(result.rule);
    } catch (error) {
      throw fileError(`  rules[${index}]: ${error instanceof Error ? error.message : String(error)}`);
    }
    return result.rule;
  });
}

function parseYaml(file: string, fileError: (problem: string) => FaultFileError): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof YAMLParseError) throw fileError(`  it is not valid YAML: ${error.message}`);
    throw error;
  }
}
