// Two ways to use a page: with a pointer, and with the keyboard alone.

export class Pointer {
    constructor(page) { this.page = page; }
    async press(element) { await this.page.locator(element).first().click(); }
    async type(field, text) { await this.page.locator(field).first().fill(text); }
    async tick(box) { await this.page.locator(box).first().check(); }
    async choose(select, value) { await this.page.locator(select).first().selectOption(value); }
}

export class Keyboard {
    constructor(page) { this.page = page; this.stops = []; }

    // Presses Tab until the element has the focus. `stops` collects how often that took.
    async reach(element) {
        const wanted = this.page.locator(element).first();
        await wanted.waitFor({ state: 'attached' });
        // Behind the last stop the focus leaves the page, and the next Tab starts at the top. A field that has the focus when the page
        // opens can be below the wanted one.
        let ends = 0;
        for (let stops = 0; stops < 300; stops++) {
            const [isFocused, isLost] = await wanted.evaluate(node => [node === document.activeElement, document.activeElement === document.body]);
            if (isFocused) {
                this.stops.push({ element, stops });
                return;
            }
            if (stops > 0 && isLost && ++ends > 1) break;
            await this.page.keyboard.press('Tab');
        }
        throw new Error(`Tab does not reach ${element} on ${this.page.url()}`);
    }

    async press(element) {
        await this.reach(element);
        await this.page.keyboard.press('Enter');
    }

    async type(field, text) {
        await this.reach(field);
        await this.page.keyboard.press('Control+A');
        await this.page.keyboard.type(text);
    }

    async tick(box) {
        await this.reach(box);
        if (!(await this.page.locator(box).first().isChecked())) await this.page.keyboard.press('Space');
    }

    async choose(select, value) {
        await this.reach(select);
        const options = await this.page.locator(`${select} >> option`).evaluateAll(all => all.map(option => option.value));
        const current = await this.page.locator(select).first().inputValue();
        const steps = options.indexOf(value) - options.indexOf(current);
        for (let step = 0; step < Math.abs(steps); step++) await this.page.keyboard.press(steps > 0 ? 'ArrowDown' : 'ArrowUp');
    }
}
