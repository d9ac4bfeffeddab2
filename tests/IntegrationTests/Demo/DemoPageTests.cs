using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using PayRecharge.IntegrationTests.Support;
using static Microsoft.Playwright.Assertions;

namespace PayRecharge.IntegrationTests.Demo;

/// <summary>A visitor's use of the demo page, in a real browser, on a server started as by <c>dotnet run</c>.</summary>
public sealed class DemoPageTests
{
    private static readonly float Patience = (float)Eventually.Patience.TotalMilliseconds;

    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private DemoServer _server = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;
    private IBrowserContext _context = null!;
    private IPage _page = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var chromium = FindChromium();
        SetDefaultExpectTimeout(Patience);
        _server = await DemoServer.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,
            Timeout = Patience,
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    [SetUp]
    public async Task OpenAsync()
    {
        _complaints.Clear();
        _requests.Clear();
        _context = await _browser.NewContextAsync(new() { BaseURL = _server.Address.ToString(), Locale = "zh-CN" });
        _context.SetDefaultTimeout(Patience);
        _context.Request += (_, request) => _requests.Enqueue(request.Url);
        _context.RequestFailed += (_, request) =>
        {
            // A request that ended because the page was left does not count.
            if (request.Failure != "net::ERR_ABORTED") _complaints.Enqueue($"failed: {request.Url} {request.Failure}");
        };
        _context.WebError += (_, error) => _complaints.Enqueue($"error: {error.Error}");
        _context.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _complaints.Enqueue($"{message.Type}: {message.Text}");
        };
        _page = await _context.NewPageAsync();
        await _page.GotoAsync("/");
        await Expect(_page).ToHaveURLAsync(new Uri(_server.Address, "demo/").ToString());
        // The rules are loaded once one of them is chosen.
        await Expect(_page.Locator("[name=list_id]").First).ToBeCheckedAsync();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _context.CloseAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_complaints, Is.Empty);
            Assert.That(_requests.Where(url => !url.StartsWith(_server.Address.ToString(), StringComparison.Ordinal)), Is.Empty, "requests to elsewhere");
        }
    }

    [Test]
    public async Task One_click_buys_a_kami_and_one_on_the_pay_page_pays_it()
    {
        await BuyAsync();

        await Expect(_page.Locator("#status-text")).ToContainTextAsync("等待支付");
        await Expect(_page.Locator("#qr")).ToBeVisibleAsync();
        await _page.WaitForFunctionAsync("() => document.getElementById('qr').naturalWidth > 0");
        await Expect(_page.Locator("#call-order [data-url]")).ToContainTextAsync("plugin.php?id=xinxiu_network_plugin:payjs&action=payjs_kamis&key=123456");
        var placed = await ReplyAsync("#call-order");
        await Expect(_page.Locator("#fact-nums")).Not.ToHaveTextAsync("0");
        var waiting = await ReplyAsync("#call-check");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(placed.GetProperty("return_code").GetInt32(), Is.EqualTo(1));
            Assert.That(placed.GetProperty("total_fee").GetString(), Is.EqualTo("1000"), "rule 1 costs 10 yuan");
            Assert.That(waiting.GetProperty("status").GetString(), Is.EqualTo("1"));
            Assert.That(waiting.GetProperty("kami").GetString(), Is.Empty);
        }

        var payPage = await _context.RunAndWaitForPageAsync(() => _page.Locator("#pay-page").ClickAsync());
        await payPage.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(payPage.GetByRole(AriaRole.Status)).ToContainTextAsync("支付成功");

        var paid = await PaidAsync();
        var kami = await _page.Locator("#kami").TextContentAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(kami, Does.Match("^[0-9A-F]{32}$"));
            Assert.That(paid.GetProperty("kami").GetString(), Is.EqualTo(kami));
            Assert.That(paid.GetProperty("status").GetString(), Is.EqualTo("2"));
        }
    }

    [Test]
    public async Task Credits_are_bought_and_paid_without_leaving_the_page()
    {
        await ChooseAsync("积分");
        await _page.Locator("[name=credits]").SelectOptionAsync("3");
        await _page.Locator("[name=creditMoney]").FillAsync("1.5");
        await BuyAsync();
        await _page.Locator("#pay").ClickAsync();

        var paid = await PaidAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(paid.GetProperty("pay_type").GetString(), Is.EqualTo("1"));
            Assert.That(paid.GetProperty("creditskey").GetString(), Is.EqualTo("3"));
            Assert.That(paid.GetProperty("creditsval").GetString(), Is.EqualTo("15"), "the sandbox sells 10 credits for a yuan");
            Assert.That(paid.GetProperty("body").GetString(), Is.EqualTo("充值演示"));
        }
    }

    [Test]
    public async Task Card_time_is_bought_over_xml()
    {
        await ChooseAsync("时间");
        await _page.Locator("form summary").ClickAsync();
        await _page.Locator("[name=xml]").CheckAsync();
        await BuyAsync();
        await _page.Locator("#pay").ClickAsync();

        await Expect(_page.Locator("#order")).ToHaveAttributeAsync("data-state", "paid");
        await Expect(_page.Locator("#goods")).ToContainTextAsync("3600");
        await Expect(_page.Locator("#call-check [data-reply]")).ToContainTextAsync("<status>2</status>");
    }

    [Test]
    public async Task A_refusal_is_shown_with_its_meaning()
    {
        await _page.Locator("form summary").ClickAsync();
        await _page.Locator("[name=key]").FillAsync("another");
        await BuyAsync();

        await Expect(_page.Locator("#status-text")).ToContainTextAsync("The transport key is wrong");
        await Expect(_page.Locator("#status-more")).ToHaveTextAsync("401 error02");
        await Expect(_page.Locator("#qr")).ToBeHiddenAsync();
    }

    private Task BuyAsync() => _page.GetByRole(AriaRole.Button, new() { Name = "立即购买" }).ClickAsync();

    private Task ChooseAsync(string kind) => _page.Locator(".tabs label", new() { HasText = kind }).ClickAsync();

    private async Task<JsonElement> PaidAsync()
    {
        await Expect(_page.Locator("#status-text")).ToHaveTextAsync("已支付 · Paid");
        return await ReplyAsync("#call-check");
    }

    private async Task<JsonElement> ReplyAsync(string call)
    {
        using var reply = JsonDocument.Parse(await _page.Locator($"{call} [data-reply]").TextContentAsync() ?? "");
        return reply.RootElement.GetProperty("data").Clone();
    }

    private static string FindChromium()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend("/usr/bin");
        var names = new[] { "chromium", "chromium-browser", "google-chrome" };
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("These tests need Chromium, and there is none on the PATH. ./test.sh installs it; by hand: apt-get install chromium");
    }
}
