using System.Net;
using System.Net.Sockets;

namespace PayRecharge.Application.Settings;

/// <summary>
/// Parses addresses and networks from the settings. IPv4 addresses in IPv6 form (<c>::ffff:1.2.3.4</c>) become IPv4, like callers'.
/// </summary>
public static class AddressRange
{
    /// <summary>Parses an address such as 203.0.113.7 or a network such as 203.0.113.0/24. An address is a network of one.</summary>
    public static bool TryParse(string text, out IPNetwork range)
    {
        if (!IPNetwork.TryParse(text, out range))
        {
            // Without the second condition, 10 would parse as the address 0.0.0.10.
            if (!IPAddress.TryParse(text, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text)) return false;
            range = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        }
        if (range.BaseAddress.IsIPv4MappedToIPv6 && range.PrefixLength >= 96) range = new IPNetwork(range.BaseAddress.MapToIPv4(), range.PrefixLength - 96);
        return true;
    }

    /// <summary>Converts an address or network to its stored form. An invalid text stays unchanged.</summary>
    public static string Normalise(string text) => !TryParse(text, out var range) ? text
        : range.PrefixLength == (range.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) ? range.BaseAddress.ToString() : range.ToString();
}
