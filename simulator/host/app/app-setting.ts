// `%NAME%` in a binding stands for an app setting.

import { StartError } from '../start-error.ts';

/** `what` is the property as a sentence about it begins: "its schedule". */
export function expandSettings(text: string, owner: string, what: string): string {
  return text.replaceAll(/%([^%]+)%/g, (_whole, name: string) => {
    const value = process.env[name];
    if (value === undefined || value === '')
      throw new StartError(`Function "${owner}": ${what} names the setting "${name}", which is not there.`);
    return value;
  });
}
