// Transforms our ES modules for jest, because jest runs CommonJS. esbuild also replaces
// `import.meta.dirname`.
const { transformSync, version } = require('esbuild');
const { createHash } = require('node:crypto');

const options = {
  format: 'cjs',
  target: 'node22',
  sourcemap: 'inline',
  // A dynamic import of the product becomes a `require` at the same place.
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
