using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests.Contract;

/// <summary>A legacy call as its client writes it: the parameters after the plugin's id, in order, the values percent-encoded.</summary>
internal sealed class Call
{
    /// <summary>The transport key; it cannot appear in a log by chance.</summary>
    public const string Key = "Shared-Transport-Key-7Q";

    public static readonly Call Credit = new([("action", "payjs_credit"), ("key", Key), ("money", "1"), ("credits", "2"), ("username", "demo"), ("body", "doby")]);
    public static readonly Call CardTime = new([("action", "payjs_cardtime"), ("key", Key), ("money", "1"), ("username", "demo"), ("body", "doby")]);
    public static readonly Call Kami = new([("action", "payjs_kamis"), ("key", Key), ("list_id", "9"), ("username", "demo"), ("body", "doby")]);
    public static readonly Call Rules = new([("action", "payjs_kamis_list"), ("key", Key)]);
    public static readonly Call Check = new([("action", "payjs_check"), ("key", Key), ("payjs_order_id", SeedData.GatewayOrderId)]);
    public static readonly Call Paid = new([("action", "payjs_check_id"), ("token", SeedData.Token)]);

    private readonly (string Name, string Value)[] _pairs;

    private Call((string Name, string Value)[] pairs) => _pairs = pairs;

    /// <summary>All six; the three that place orders come first.</summary>
    public static IReadOnlyList<Call> All { get; } = [Credit, CardTime, Kami, Rules, Check, Paid];

    /// <summary>The action's name, or empty if the call has none.</summary>
    public string Action => _pairs.FirstOrDefault(p => p.Name == "action").Value ?? "";

    /// <summary>The pairs as form text.</summary>
    public string Form => string.Join('&', _pairs.Select(p => $"{p.Name}={p.Value}"));

    /// <summary>A copy with this parameter set.</summary>
    public Call With(string name, string value) => WithEncoded(name, Uri.EscapeDataString(value));

    /// <summary>A copy with this parameter set to a value that is sent unchanged.</summary>
    public Call WithEncoded(string name, string value) => _pairs.Any(p => p.Name == name)
        ? new([.. _pairs.Select(p => p.Name == name ? (name, value) : p)])
        : new([.. _pairs, (name, value)]);

    /// <summary>A copy with one more pair at the end, even if the name exists.</summary>
    public Call And(string name, string value) => new([.. _pairs, (name, value)]);

    public Call Without(params string[] names) => new([.. _pairs.Where(p => !names.Contains(p.Name))]);

    /// <summary>The part of the URL after the plugin's id.</summary>
    public override string ToString() => "&" + Form;
}
