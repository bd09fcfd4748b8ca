// Small schemas that several readers of VMware bodies share.

import * as z from 'zod';

/** An absent, null or empty text means: not given. */
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));

export const propertiesShape = <Shape extends z.ZodType>(shape: Shape) => z.object({ properties: shape });
