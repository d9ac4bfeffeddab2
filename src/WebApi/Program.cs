using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Net.Http.Headers;
using PayRecharge.Application;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Payments;
using PayRecharge.Infrastructure;
using PayRecharge.Sandbox;
using PayRecharge.WebApi;
using PayRecharge.WebApi.Admin;
using PayRecharge.WebApi.Http;
using PayRecharge.WebApi.Legacy;

// Settings, pages and data are in the program's folder, not in the working directory; with `dotnet run` in the project's. Files
// are not watched for changes: below a folder such as / that takes a watch for every folder of the machine.
string[] beside = ["--contentRoot", File.Exists("WebApi.csproj") ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory, "--hostBuilder:reloadConfigOnChange=false"];
var builder = WebApplication.CreateBuilder([.. beside, .. args]);
var dataFolder = Path.Combine(builder.Environment.ContentRootPath, builder.Configuration["Data:Folder"] ?? "data");
var isSandbox = builder.Configuration.GetValue("Payjs:Mode", GatewayMode.Live) == GatewayMode.Sandbox;

// URLs contain keys and tokens: no configuration may make the framework log them.
foreach (var category in new[] { "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.HttpLogging", "Microsoft.AspNetCore.Server.Kestrel.BadRequests" })
    builder.Logging.AddFilter(category, LogLevel.None).AddFilter<ConsoleLoggerProvider>(category, LogLevel.None);
EscapedConsole.AddTo(builder.Logging);

builder.UseAddresses();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    // Header values may contain bytes over 0x7F (RFC 9110 5.5). Content-Length keeps Kestrel's default, which reports too many digits.
    kestrel.RequestHeaderEncodingSelector = name => name == HeaderNames.ContentLength ? null : Encoding.Latin1;
    // The host in the URL overrides the Host header (RFC 9112 3.2.2).
    kestrel.AllowHostHeaderOverride = true;
    kestrel.Limits.MaxConcurrentConnections = 10_000;
    kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
    builder.Configuration.GetSection("Kestrel:Limits").Bind(kestrel.Limits);
    // The contract sets these, not the operator.
    kestrel.Limits.MaxRequestLineSize = RawTargets.MaxRequestLineSize;
    // Limits the memory of a connection to one request line and its headers.
    kestrel.Limits.MaxRequestBufferSize = RawTargets.MaxRequestLineSize + kestrel.Limits.MaxRequestHeadersTotalSize;
    kestrel.Limits.Http2.InitialConnectionWindowSize = kestrel.Limits.Http2.InitialStreamWindowSize = 128 * 1024;
    kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
    var connections = ConnectionLimits.Of(kestrel, builder.Configuration);
    kestrel.ConfigureEndpointDefaults(listen =>
    {
        connections.Guard(listen);
        listen.UseRawTargets();
    });
});

builder.Services.AddRawTargets();
builder.Services.AddApplication();
builder.Services.AddInfrastructure(builder.Configuration, dataFolder, OwnAddress);
if (isSandbox) builder.Services.AddPayjsSandbox();
builder.Services.AddSingleton<CallLog>();
builder.Services.AddHostedService(provider => provider.GetRequiredService<CallLog>());
builder.Services.AddSingleton(new ActionNames(ActionTable.All.Keys));
builder.Services.AddSingleton(LegacyReplies.Clients);
builder.Services.AddSingleton<CallerLimits>();
builder.Services.AddSingleton(CallerLimits.OpenOrders(builder.Configuration));
builder.Services.AddSingleton<OrderProbes>();
builder.Services.AddSingleton<KamiProbes>();
builder.Services.AddSingleton<FailedOrders>();
builder.Services.AddSingleton<ReadyRules>();
builder.Services.AddSingleton<PluginController>();
// A singleton: by default every health check creates its own.
builder.Services.AddSingleton<Readiness>();
builder.Services.AddScoped<NotifyController>();
builder.Services.AddHostedService<ClockKeeper>();
builder.Services.AddHostedService<Reconciler>();
builder.Services.AddHostedService<NightlyAuditor>();
builder.Services.AddHostedService<Draining>();
builder.Services.Configure<HostOptions>(options => Draining.Configure(options, builder.Configuration));

builder.Services.AddControllers(options =>
{
    options.OutputFormatters.RemoveType<StringOutputFormatter>();
    // JSON is UTF-8. Another charset gets 415: transcoding its invalid characters would end in a server error.
    foreach (var reader in options.InputFormatters.OfType<TextInputFormatter>())
        foreach (var other in reader.SupportedEncodings.Where(e => e is not UTF8Encoding).ToList()) reader.SupportedEncodings.Remove(other);
}).AddJsonOptions(options =>
{
    options.JsonSerializerOptions.Converters.Add(new JsonStringEnumConverter());
    options.JsonSerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
});
builder.Services.AddHealthChecks().AddCheck<Readiness>("ready", timeout: Readiness.Patience).AddCheck<ClockHealth>("clock");
builder.Services.AddRequestTimeouts(options => AdminController.AddTimeouts(options, builder.Configuration));
builder.Services.AddProblemDetails();
builder.Services.AddExceptionHandler<ProblemHandler>();
builder.Services.AddSingleton<AdminLockout>();
// No scheme is the default: a key in any other call is not compared, and causes no lockout.
builder.Services.AddAuthentication().AddScheme<AdminKeyOptions, AdminKeyAuthentication>(AdminKeyAuthentication.SchemeName, null)
    .AddScheme<AdminKeyOptions, AdminKeyAuthentication>(AdminKeyAuthentication.PagesSchemeName, options => options.TakesPassword = true);
foreach (var scheme in new[] { AdminKeyAuthentication.SchemeName, AdminKeyAuthentication.PagesSchemeName })
    builder.Services.AddOptions<AdminKeyOptions>(scheme).Configure<AdminKey>((options, key) => options.IsKey = key.Matches);
builder.Services.AddAuthorization();
builder.Services.AddApiPages();

var app = builder.Build();
app.UseKnownProxies();
app.UseLegacyPaths();
app.UseRouting();
app.UseAdminAddresses();
app.UseExceptionHandler();
if (isSandbox)
{
    app.UseDefaultFiles();
    app.UseStaticFiles();
    app.MapPayjsSandbox();
}
app.UseRequestTimeouts();
app.UseAuthentication();
app.UseAuthorization();
app.MapLegacy();
app.MapControllers().WithMetadata(new ForAdmins());
// Live: the process answers. Ready: it can work, so a balancer sends no calls to an instance without its database.
app.MapHealthChecks("/health/live", new() { Predicate = _ => false });
app.MapHealthChecks("/health/ready");
app.MapApiPages(isSandbox);

await app.Services.SetUpAsync(dataFolder);
await app.StartAsync();
Announce();
await app.WaitForShutdownAsync();

static Uri? OwnAddress(IServiceProvider services) =>
    services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address
        ? Addresses.FromHere(address) : null;

void Announce()
{
    var own = OwnAddress(app.Services);
    var admin = Addresses.ForAdmins(app.Configuration) ?? own;
    if (!isSandbox)
    {
        if (app.Configuration["Payjs:Proxy"] is null && app.Configuration["HTTPS_PROXY"] is { Length: > 0 })
            app.Logger.LogWarning("The environment's HTTPS_PROXY is not used: PAYJS is called directly. To call it through a proxy, set Payjs:Proxy.");
        app.Logger.LogInformation("PayRecharge {Version} listens at {Address}; the admin API is described at {Address}docs", Version(), own, admin);
        return;
    }
    app.Logger.LogWarning("SANDBOX MODE: the gateway is a stand-in and no money is real. Anyone who can reach this server can \"pay\".");
    app.Logger.LogInformation("""
        PayRecharge {Version} is ready. Open:
          {Address}demo/                  buy something with one click
          {Address}docs                   the admin API
          {Address}plugin.php?id=xinxiu_network_plugin:payjs&action=payjs_kamis_list&key=123456
        A new sandbox has the user demo (1) and the transport key 123456.
        """, Version(), own, admin, own);
}

static string Version() => Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);
