import { unpackChromium } from '@stridelab/test-kit/chromium';
import { chromium } from 'playwright-core';

const [file, out] = process.argv.slice(2) as [string, string];
const carried = await unpackChromium();
const browser = await chromium.launch({
  executablePath: carried.executable,
  args: ['--headless=shell', '--no-sandbox', '--no-zygote', '--disable-gpu'],
  env: carried.environment('/tmp/prof'),
});
for (const [name, width, height, dark] of [
  ['desk', 1200, 1100, false],
  ['dark', 1200, 1100, true],
  ['phone', 375, 1200, false],
] as const) {
  const page = await browser.newPage({
    locale: 'en-US',
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
  });
  await page.goto(`file://${file}`);
  const total = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let i = 0; i * height < total; i++) {
    await page.evaluate((y) => scrollTo(0, y), i * height);
    await page.screenshot({ path: `${out}-${name}${i}.png` });
  }
  await page.close();
}
await browser.close();
