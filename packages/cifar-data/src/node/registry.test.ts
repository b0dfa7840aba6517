import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/setting.ts';
import { registryIn, registrySetting } from './registry.ts';

it('looks where npm looks, the nearest first', () => {
  const root = temporaryFolder();
  const cwd = join(root, 'project', 'sub');
  const home = join(root, 'home');
  mkdirSync(cwd, { recursive: true });
  mkdirSync(home);
  const env: NodeJS.ProcessEnv = { HOME: home, npm_config_globalconfig: join(root, 'global') };
  const found = () => registrySetting({ env, cwd }, () => 'https://npm.invalid');
  expect(found()).toEqual({ url: 'https://npm.invalid/', from: 'npm' });
  expect(registrySetting({ env, cwd }, () => '')).toEqual({ url: '', from: 'nowhere' });
  writeFileSync(join(root, 'global'), 'registry=https://global.invalid\n');
  expect(found()).toEqual({ url: 'https://global.invalid/', from: join(root, 'global') });
  writeFileSync(join(home, '.npmrc'), '; mine\nregistry = "https://home.invalid/npm/"\n');
  expect(found().url).toBe('https://home.invalid/npm/');
  writeFileSync(join(root, 'project', '.npmrc'), '@scope:registry=https://scope.invalid\n');
  expect(found().url).toBe('https://home.invalid/npm/');
  writeFileSync(join(root, 'project', '.npmrc'), 'registry=https://project.invalid/\n');
  expect(found()).toEqual({ url: 'https://project.invalid/', from: join(root, 'project', '.npmrc') });
  env.NPM_CONFIG_REGISTRY = 'https://name:secret@env.invalid';
  expect(found()).toEqual({ url: 'https://env.invalid/', from: 'npm_config_registry' });
});

it('asks npm where nothing is set', () => {
  const root = temporaryFolder();
  const env = { PATH: process.env.PATH, HOME: root, npm_config_globalconfig: join(root, 'none') };
  expect(registrySetting({ env, cwd: root })).toMatchObject({ url: expect.stringMatching(/^https:/), from: 'npm' });
  expect(registrySetting({ env: { ...env, PATH: root }, cwd: root })).toEqual({ url: '', from: 'nowhere' });
});

it.each([
  ['registry=https://a.invalid', 'https://a.invalid'],
  ['registry=https://a.invalid\nregistry=https://b.invalid', 'https://b.invalid'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: npm's own syntax
  ['registry=https://${WHERE}/x', 'https://here.invalid/x'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: npm's own syntax
  ['registry=https://${WHERE?}/x', 'https://here.invalid/x'],
  ['#registry=https://a.invalid', undefined],
  ['registry=nonsense', undefined],
  ['registry=file:///etc/passwd', undefined],
  ['', undefined],
])('reads %s', (text, url) => {
  expect(registryIn(text, { WHERE: 'here.invalid' })).toBe(url);
});

it('reads any text without a complaint', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const url = registryIn(`${before}\nregistry=${after}`, {});
      if (url !== undefined) expect(URL.canParse(url)).toBe(true);
    }),
  );
});
