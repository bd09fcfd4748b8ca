// jest runs CommonJS; our files are ES modules. esbuild turns one into the other, and `import.meta.dirname` with it.
const { transformSync, version } = require('esbuild');
const { createHash } = require('node:crypto');

const options = {
  format: 'cjs',
  target: 'node22',
  sourcemap: 'inline',
  // What the product loads when it is first used is required then.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
};

module.exports = {
  process: (code, file) => ({
    code: transformSync(code, { ...options, loader: file.endsWith('.ts') ? 'ts' : 'js', sourcefile: file })
      .code,
  }),
  getCacheKey: (code, file) =>
    createHash('sha256')
      .update(`${version}\0${JSON.stringify(options)}\0${file}\0${code}`)
      .digest('hex'),
};
