// long_report.js PAGE CHROMIUM [PICTURES] - a page of `dlexp report` in a browser without a screen: nothing is wider than the
// window, every picture has a size, nothing is asked of the network, the console is silent, axe-core finds nothing, light and
// dark.  PICTURES: a folder for pictures of it, and a PDF.  Says what is wrong, a line each; ends with 1 then.
const puppeteer = require('puppeteer-core');
const fs = require('fs');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// In the page: what sticks out of the window, but for what stands in a box that scrolls or cuts it off.
function measure() {
    const wrong = [], width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) wrong.push(`the page is ${document.documentElement.scrollWidth} wide`);
    const boxed = (e) => {
        for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
            if (getComputedStyle(p).overflowX !== 'visible') return true;
        return false;
    };
    for (const e of document.body.querySelectorAll('*')) {
        const box = e.getBoundingClientRect();
        if ((box.right > width + 1 || box.left < -1) && !boxed(e)) wrong.push(`<${e.tagName}> from ${box.left} to ${box.right}`);
    }
    let pictures = 0;
    for (const e of document.querySelectorAll('.svg > svg')) {
        const box = e.getBoundingClientRect(), title = e.querySelector('title'), text = e.querySelector('desc');
        pictures++;
        if (box.width < 200 || box.height < 80) wrong.push(`a picture of ${box.width} x ${box.height}`);
        if (!title || !title.textContent || !text || !text.textContent) wrong.push('a picture without a title or a description');
    }
    for (const e of document.querySelectorAll('math'))
        if (e.getBoundingClientRect().height < 5) wrong.push(`a formula without a size: ${e.textContent}`);
    return {wrong, pictures};
}

(async () => {
    const [page_file, chromium, pictures] = process.argv.slice(2);
    const browser = await puppeteer.launch({executablePath: chromium, args: ['--no-sandbox', '--disable-gpu']});
    const wrong = [];
    let count = 0;
    for (const width of [1280, 390])
        for (const scheme of ['light', 'dark']) {
            const page = await browser.newPage(), where = `${width} pixels, ${scheme}`;
            page.on('console', (m) => wrong.push(`${where}: the console says ${m.text()}`));
            page.on('pageerror', (e) => wrong.push(`${where}: ${e}`));
            page.on('request', (r) => {
                if (!r.url().startsWith('file:') && !r.url().startsWith('data:')) wrong.push(`${where}: asks for ${r.url()}`);
                else if (r.url().startsWith('file:') && r.resourceType() !== 'document') wrong.push(`${where}: reads ${r.url()}`);
            });
            await page.setViewport({width, height: 900});
            await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
            await page.setJavaScriptEnabled(false); // the page needs none
            await page.goto('file://' + page_file);
            const measured = await page.evaluate(measure);
            wrong.push(...measured.wrong.map((w) => `${where}: ${w}`));
            count = measured.pictures;
            const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
            if ((ground === 'rgb(255, 255, 255)') !== (scheme === 'light')) wrong.push(`${where}: the ground is ${ground}`);
            await page.setJavaScriptEnabled(true);
            await page.evaluate(axe);
            const found = await page.evaluate(() => axe.run(document, {resultTypes: ['violations']}));
            for (const v of found.violations)
                wrong.push(`${where}: axe: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(' ')}`);
            if (pictures) {
                const height = await page.evaluate(() => document.documentElement.scrollHeight);
                for (let y = 0; y < height; y += 1800)
                    await page.screenshot({path: `${pictures}/${width}-${scheme}-${String(y / 1800).padStart(2, '0')}.png`,
                        clip: {x: 0, y, width, height: Math.min(1800, height - y)}, captureBeyondViewport: true});
                if (width === 1280 && scheme === 'dark') await page.pdf({path: `${pictures}/page.pdf`, format: 'A4', preferCSSPageSize: true});
            }
            await page.close();
        }
    await browser.close();
    for (const w of wrong) console.log(w);
    console.log(`${count} pictures, ${wrong.length} complaints`);
    process.exit(wrong.length || count === 0 ? 1 : 0);
})();
