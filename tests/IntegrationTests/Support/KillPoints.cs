using System.Data.Common;
using System.Diagnostics;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Application.Orders;
using PayRecharge.Infrastructure.Persistence;
using PayRecharge.IntegrationTests.Support;

[assembly: HostingStartup(typeof(KillPoints))]

/// <summary>
/// The hook that the runtime calls in a server process (DOTNET_STARTUP_HOOKS). It lets the server find <see cref="KillPoints"/> in
/// this assembly.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        var folder = Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            Path.Combine(folder, name.Name + ".dll") is var file && File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        Environment.SetEnvironmentVariable("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", typeof(StartupHook).Assembly.GetName().Name);
    }
}

namespace PayRecharge.IntegrationTests.Support
{
    /// <summary>
    /// The steps at which a test can kill a server process; the product contains none of this. At each step, outside state may have changed
    /// since the step before: a request read, a statement executed, a transaction begun or committed, the gateway asked, its answer
    /// received, a reply begun, a reply sent. A process does not reconcile until <see cref="Path"/> is called.
    /// </summary>
    internal sealed partial class KillPoints : IHostingStartup
    {
        /// <summary><c>?at=N</c>: die at step N of any later operation. Without: return the steps of the longest one since then.</summary>
        public const string Path = "/kill-points";

        private static readonly AsyncLocal<List<string>?> Steps = new();
        private static readonly TaskCompletionSource Armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private static readonly Lock Gate = new();
        private static List<string> _longest = [];
        private static List<string>? _claimed;
        private static int _at;

        public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services =>
        {
            services.ConfigureDbContext<MySqlRechargeDbContext>(options => options.AddInterceptors(new Statements(), new Transactions()));
            services.AddTransient<Calls>();
            services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler<Calls>());
            services.AddTransient<IPipelineBehavior<ClaimDueOrders, IReadOnlyList<Claim>>, Claiming>();
            services.AddTransient<IPipelineBehavior<ReconcileDueOrder, Unit>, Reconciling>();
            services.AddSingleton<IStartupFilter, Requests>();
        });

        private static void Reach(string step)
        {
            if (Steps.Value is not { } steps || !Armed.Task.IsCompleted) return;
            lock (Gate)
            {
                steps.Add(step);
                if (steps.Count > _longest.Count) _longest = steps;
                if (steps.Count != _at) return;
                Process.GetCurrentProcess().Kill();
                Thread.CurrentThread.Join();
            }
        }

        [GeneratedRegex(@"\s+")]
        private static partial Regex WhiteSpace();

        private sealed class Requests : IStartupFilter
        {
            public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
            {
                app.Use(async (context, rest) =>
                {
                    if (context.Request.Path != Path)
                    {
                        if (Steps.Value is null) Steps.Value = [];
                        Reach("request read");
                        context.Response.OnStarting(() =>
                        {
                            Reach("reply begun");
                            return Task.CompletedTask;
                        });
                        await rest(context);
                        Reach("reply sent");
                        return;
                    }
                    lock (Gate)
                    {
                        if (context.Request.Query.TryGetValue("at", out var at)) (_at, _longest) = (int.Parse(at.ToString(), null), []);
                    }
                    Armed.TrySetResult();
                    await context.Response.WriteAsJsonAsync(_longest);
                });
                next(app);
            };
        }

        private sealed class Claiming : IPipelineBehavior<ClaimDueOrders, IReadOnlyList<Claim>>
        {
            public async Task<IReadOnlyList<Claim>> Handle(ClaimDueOrders request, CancellationToken cancellationToken, RequestHandlerDelegate<IReadOnlyList<Claim>> next)
            {
                await Armed.Task.WaitAsync(cancellationToken);
                var steps = Steps.Value = [];
                var claims = await next();
                if (claims.Count > 0) _claimed = steps;
                return claims;
            }
        }

        private sealed class Reconciling : IPipelineBehavior<ReconcileDueOrder, Unit>
        {
            public Task<Unit> Handle(ReconcileDueOrder request, CancellationToken cancellationToken, RequestHandlerDelegate<Unit> next)
            {
                // Continues the steps of the claim.
                Steps.Value = _claimed;
                return next();
            }
        }

        private sealed class Calls : DelegatingHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                Reach($"about to ask the gateway: {request.RequestUri!.AbsolutePath}");
                var response = await base.SendAsync(request, cancellationToken);
                Reach($"the gateway has answered: {request.RequestUri.AbsolutePath}");
                return response;
            }
        }

        private sealed class Statements : DbCommandInterceptor
        {
            public override ValueTask<DbDataReader> ReaderExecutedAsync(
                DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
            {
                Reach(command);
                return new(result);
            }

            public override ValueTask<int> NonQueryExecutedAsync(
                DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
            {
                Reach(command);
                return new(result);
            }

            private static void Reach(DbCommand command)
            {
                var text = WhiteSpace().Replace(command.CommandText, " ");
                // Settings are read at intervals, so not at the same step in every process, or not at all.
                if (text.Contains(" FROM `Settings` ", StringComparison.Ordinal)) return;
                KillPoints.Reach(text[..Math.Min(90, text.Length)]);
            }
        }

        private sealed class Transactions : DbTransactionInterceptor
        {
            public override ValueTask<DbTransaction> TransactionStartedAsync(
                DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
            {
                Reach("transaction begun");
                return new(result);
            }

            public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
            {
                Reach("transaction committed");
                return Task.CompletedTask;
            }
        }
    }
}
