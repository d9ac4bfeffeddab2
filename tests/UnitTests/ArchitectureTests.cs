using System.Reflection;
using System.Runtime.CompilerServices;
using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using PayRecharge.Application;
using PayRecharge.Application.Accounts;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;
using PayRecharge.Infrastructure;
using PayRecharge.Infrastructure.Payjs;
using PayRecharge.Infrastructure.Persistence;
using PayRecharge.Sandbox;
using PayRecharge.WebApi.Legacy;
using AppServices = PayRecharge.Application.DependencyInjection;
using ArchLoader = ArchUnitNET.Loader.ArchLoader;
using InfrastructureServices = PayRecharge.Infrastructure.DependencyInjection;

namespace PayRecharge.UnitTests;

/// <summary>The rules of the house that a compiler does not hold.</summary>
internal sealed class ArchitectureTests
{
    private static readonly Assembly Domain = typeof(Fen).Assembly;
    private static readonly Assembly Application = typeof(IUnitOfWork).Assembly;
    private static readonly Assembly Infrastructure = typeof(InfrastructureServices).Assembly;
    private static readonly Assembly Sandbox = typeof(SandboxOptions).Assembly;
    private static readonly Assembly WebApi = typeof(RefusalCodes).Assembly;
    private static readonly Assembly[] All = [Domain, Application, Infrastructure, Sandbox, WebApi];

    // By type (nested ones under the outermost): the types it names in signatures, attributes and code. Only the bodies of async
    // iterators are not seen.
    private static readonly Lazy<ILookup<string, string>> Uses = new(() => new ArchLoader().LoadAssemblies(All).Build().Types
        .SelectMany(type => type.Dependencies, (type, use) => (type.FullName, Used: use.Target.FullName))
        .Where(use => !use.FullName.StartsWith("Refit.Implementation.", StringComparison.Ordinal)) // the code that Refit generates
        .ToLookup(use => use.FullName.Split('+')[0], use => use.Used));

    [Test]
    public void Domain_references_only_the_base_library() => Assert.That(ReferencesBeyondTheBaseLibrary(Domain), Is.Empty);

    // So no EF Core, Refit, ASP.NET, Infrastructure, Sandbox or WebApi.
    [Test]
    public void Application_references_Domain_and_libraries_without_IO() =>
        Assert.That(ReferencesBeyondTheBaseLibrary(Application), Is.SubsetOf(ApplicationsLibraries));

    private static readonly string[] ApplicationsLibraries =
    [
        "PayRecharge.Domain", "MediatR", "AutoMapper", "FluentValidation", "FluentValidation.DependencyInjectionExtensions",
        "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Logging.Abstractions",
    ];

    [Test]
    public void Sandbox_knows_nothing_of_the_product() =>
        Assert.That(ReferencesBeyondTheBaseLibrary(Sandbox), Has.None.StartsWith("PayRecharge."));

    [Test]
    public void In_WebApi_only_Program_names_Infrastructure_and_Sandbox()
    {
        var names = new[] { Infrastructure, Sandbox }.SelectMany(a => a.GetTypes()).Select(t => t.FullName!).ToHashSet();
        var users = Users(WebApi, names.Contains).ToList();
        Assert.That(users.Where(u => u != "Program"), Is.Empty);
    }

    [Test]
    public void EF_Core_is_Persistences_alone() =>
        Assert.That(
            Users(null, used => used.StartsWith("Microsoft.EntityFrameworkCore.", StringComparison.Ordinal))
                .Where(user => !user.StartsWith("PayRecharge.Infrastructure.Persistence.", StringComparison.Ordinal)),
            Is.EquivalentTo(new[]
            {
                typeof(InfrastructureServices).FullName, // registers the contexts
                typeof(AdminKey).FullName, // keeps its hash in one row, without a repository that anybody else could call
            }));

    [Test]
    public void Refit_is_Payjs_alone() =>
        Assert.That(
            Users(null, used => used.StartsWith("Refit.", StringComparison.Ordinal))
                .Where(user => !user.StartsWith("PayRecharge.Infrastructure.Payjs.", StringComparison.Ordinal)), Is.Empty);

    // A second gateway must not meet rules that are the first one's.
    [Test]
    public void PAYJS_is_named_by_its_adapter_the_sandbox_and_the_legacy_edge_alone()
    {
        string[] may =
        [
            "Infrastructure/Payjs/", "Sandbox/", "WebApi/Legacy/", "Infrastructure/Persistence/Migrations/",
            "Infrastructure/DependencyInjection.cs", "WebApi/Program.cs", // register it
            "Infrastructure/Persistence/SettingsDocument.cs", // reads settings that name no gateway
        ];
        var source = Path.Combine(Root, "src");
        var files = Directory.GetFiles(source, "*.cs", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(source, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)).ToList();
        Assert.That(files, Has.Count.GreaterThan(150));
        Assert.That(files.Where(file => !may.Any(prefix => file.StartsWith(prefix, StringComparison.Ordinal))
            && File.ReadAllText(Path.Combine(source, file)).Contains("payjs", StringComparison.OrdinalIgnoreCase)), Is.Empty);
    }

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "PayRecharge.sln"))) folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    [Test]
    public void MD5_is_the_signers_alone() =>
        Assert.That(
            Users(null, used => used.StartsWith("System.Security.Cryptography.", StringComparison.Ordinal) && used.EndsWith("MD5", StringComparison.Ordinal)),
            Is.EquivalentTo(new[] { typeof(PayjsSign).FullName, "PayRecharge.Sandbox.Signature" }));

    [Test]
    public void Nothing_in_Domain_can_be_changed_past_its_methods()
    {
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var types = Domain.GetTypes().Where(t => !t.IsEnum && !t.IsDefined(typeof(CompilerGeneratedAttribute))).ToList();
        var setters = types.SelectMany(t => t.GetProperties(Public)).Where(p => p.SetMethod is { IsPublic: true } set && !IsInit(set));
        var fields = types.SelectMany(t => t.GetFields(Public)).Where(f => !f.IsLiteral);
        Assert.That(setters.Concat<MemberInfo>(fields).Select(m => $"{m.DeclaringType}.{m.Name}"), Is.Empty);

        static bool IsInit(MethodInfo set) => set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
    }

    [Test]
    public void Money_meets_no_floating_point()
    {
        var members = new[] { Domain, Application }.SelectMany(a => a.GetTypes()).SelectMany(t => t.GetMembers(Everything)).ToList();
        Assert.That(members, Has.Count.GreaterThan(500));
        Assert.That(members.Where(m => TypesOf(m).Any(HasFloat)).Select(m => $"{m.DeclaringType}.{m.Name}"), Is.Empty);

        static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
        {
            FieldInfo field => [field.FieldType],
            PropertyInfo property => [property.PropertyType],
            MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(p => p.ParameterType)],
            ConstructorInfo constructor => constructor.GetParameters().Select(p => p.ParameterType),
            _ => [],
        };

        static bool HasFloat(Type type) =>
            type == typeof(float) || type == typeof(double) || type == typeof(Half)
            || (type.HasElementType && HasFloat(type.GetElementType()!)) || type.GetGenericArguments().Any(HasFloat);
    }

    [Test]
    public void No_method_is_async_void()
    {
        var asynchronous = All.SelectMany(a => a.GetTypes()).SelectMany(t => t.GetMethods(Everything))
            .Where(m => m.IsDefined(typeof(AsyncStateMachineAttribute))).ToList();
        Assert.That(asynchronous, Has.Count.GreaterThan(50));
        Assert.That(asynchronous.Where(m => m.ReturnType == typeof(void)).Select(m => $"{m.DeclaringType}.{m.Name}"), Is.Empty);
    }

    private static IEnumerable<Type> Messages() => Application.GetTypes().Where(t => t.IsAssignableTo(typeof(IBaseRequest)) && !t.IsInterface);

    [TestCaseSource(nameof(Messages))]
    public void A_message_has_one_handler(Type message) =>
        Assert.That(Application.GetTypes().Where(t => !t.IsAbstract && Closes(t, typeof(IRequestHandler<,>), message)).ToList(), Has.Count.EqualTo(1));

    // A command without properties carries nothing that could be wrong.
    private static IEnumerable<Type> Commands() => Messages().Where(m => !IsQuery(m) && m.GetProperties().Length > 0);

    private static bool IsQuery(Type message) => message.Name.StartsWith("List", StringComparison.Ordinal) || message.Name.StartsWith("Read", StringComparison.Ordinal);

    [TestCaseSource(nameof(Commands))]
    public void A_command_has_a_validator(Type message) =>
        Assert.That(Application.GetTypes().Where(t => !t.IsAbstract && Closes(t, typeof(IValidator<>), message)).ToList(), Has.Count.EqualTo(1));

    [Test]
    public void What_an_admin_changes_is_recorded()
    {
        var names = Messages().ToDictionary(m => m.FullName!);
        var sent = Uses.Value.Where(type => type.Key.StartsWith("PayRecharge.WebApi.Admin.", StringComparison.Ordinal))
            .SelectMany(type => type).Distinct().Where(names.ContainsKey).Select(name => names[name]).ToList();
        Assert.That(sent, Has.Count.GreaterThan(15));
        // These only look; the trial asks the gateway for a name.
        var looks = sent.Where(m => IsQuery(m) || m == typeof(AuditLedger) || m == typeof(TryMerchant));
        Assert.That(sent.Except(looks).Where(m => !m.IsAssignableTo(typeof(IAdminChange))), Is.Empty);
    }

    [Test]
    public void Each_refusal_has_a_legacy_code_of_its_own()
    {
        Assert.That(RefusalCodes.All.Keys, Is.EquivalentTo(Enum.GetValues<Refusal>()));
        Assert.That(RefusalCodes.All.Values, Is.Unique);
        Assert.That(RefusalCodes.All.Values.Select(e => $"{e.Code} {e.Result}"), Has.All.Match("^40[01] error0[0-9]+\\z"));
    }

    [Test]
    public void Infrastructure_shows_only_what_the_host_needs() =>
        Assert.That(
            Infrastructure.GetExportedTypes().Where(t => t.Namespace?.StartsWith("PayRecharge.Infrastructure.Persistence.Migrations", StringComparison.Ordinal) != true),
            Is.EquivalentTo(new[] { typeof(InfrastructureServices), typeof(ServerSetup), typeof(AdminKey), typeof(PayjsOptions) }));

    // What stands behind an interface is nobody's to name or to derive from.
    private static IEnumerable<Type> Implementations() => new[] { Application, Infrastructure }.SelectMany(a => a.GetTypes())
        .Where(t => t is { IsClass: true, IsAbstract: false } && t.GetInterfaces().Any(i =>
            IsOneOf(i, typeof(IRequestHandler<,>), typeof(IValidator<>), typeof(IPipelineBehavior<,>))
            || (t.Assembly == Infrastructure && (i.Assembly == Domain || i.Assembly == Application))));

    [TestCaseSource(nameof(Implementations))]
    public void A_handler_validator_or_port_is_internal_and_sealed(Type type) =>
        Assert.That((type.IsVisible, type.IsSealed), Is.EqualTo((false, true)));

    private static IConfigurationProvider Maps => AppServices.CreateMapper().ConfigurationProvider;

    [Test]
    public void The_maps_are_complete() => Assert.That(Maps.AssertConfigurationIsValid, Throws.Nothing);

    // AutoMapper 8 recurses without end into a source that contains itself (GHSA-rvv3-g6hj-g44x): none is mapped, and each map is bounded.
    [Test]
    public void No_map_can_recurse_without_end()
    {
        var maps = Maps.GetAllTypeMaps();
        Assert.That(maps, Is.Not.Empty);
        Assert.That(maps.Select(m => m.MaxDepth), Is.All.EqualTo(64));
        foreach (var source in maps.Select(m => m.SourceType)) Assert.That(Reachable(source), Does.Not.Contain(source));

        static HashSet<Type> Reachable(Type source)
        {
            var seen = new HashSet<Type>();
            var open = new Stack<Type>([source]);
            while (open.TryPop(out var type))
            {
                foreach (var next in type.GetProperties().SelectMany(p => Parts(p.PropertyType)).Where(t => t.Assembly == Domain || t.Assembly == Application))
                {
                    if (seen.Add(next)) open.Push(next);
                }
            }
            return seen;
        }

        static IEnumerable<Type> Parts(Type type) =>
            type.IsArray ? Parts(type.GetElementType()!) : type.GetGenericArguments().SelectMany(Parts).Append(type);
    }

    [Test]
    public void The_model_matches_the_migrations_of_both_databases()
    {
        using var sqlite = new SqliteDesignTimeFactory().CreateDbContext([]);
        using var mySql = new MySqlDesignTimeFactory().CreateDbContext([]);
        Assert.That((sqlite.Database.HasPendingModelChanges(), mySql.Database.HasPendingModelChanges()), Is.EqualTo((false, false)));
    }

    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static IEnumerable<string> Users(Assembly? of, Predicate<string> used)
    {
        var types = of?.GetTypes().Select(t => t.FullName).ToHashSet();
        return Uses.Value.Where(type => types?.Contains(type.Key) != false && type.Any(u => used(u))).Select(type => type.Key);
    }

    private static IEnumerable<string> ReferencesBeyondTheBaseLibrary(Assembly assembly)
    {
        var baseLibrary = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(name => !File.Exists(Path.Combine(baseLibrary, $"{name}.dll")));
    }

    private static bool Closes(Type type, Type openInterface, Type firstArgument) =>
        type.GetInterfaces().Any(i => IsOneOf(i, openInterface) && i.GetGenericArguments()[0] == firstArgument);

    private static bool IsOneOf(Type type, params Type[] open) => type.IsGenericType && open.Contains(type.GetGenericTypeDefinition());
}
